import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property, state } from "../define";
import { icon, type Icon } from "../icons";
import { goTo } from "../navigate";
import { note } from "../parts";
import { SIGN_ICONS, signsOf } from "../signs";
import { DOMAIN, type Lock, type LockUsers, type Project } from "../types";

interface Notice {
  kind: "info" | "warning" | "error";
  icon: Icon;
  text: string;
  /** The same in few words. */
  short?: string;
  action?: string;
  act?: () => void;
}

/** States of a project that need no one. */
const QUIET: readonly string[] = [
  "loaded",
  "setup_in_progress",
  "unload_in_progress",
  "not_loaded",
];

/** What one should know about a lock before its users, each with one thing to do. */
@define("tlu-notices")
export class Notices extends Element {
  @property() projects: Project[] = [];
  @property() lock: Lock | undefined;
  @property() users: LockUsers | undefined;

  @state() private open = false;

  override render(): TemplateResult | typeof nothing {
    const notices = [...this.#ofProjects(), ...this.#ofLock()];
    if (!notices.length) {
      return nothing;
    }
    const foldable = notices.filter(({ kind, short }) => short && kind !== "error");
    const isFolded = foldable.length > 1;
    return html`<ul class="stack">
      ${isFolded ? this.#renderFold(foldable) : nothing}
      ${notices.map(
        (notice) =>
          html`<li class=${isFolded && foldable.includes(notice) ? "folded" : ""}>
            ${note(
              notice.kind,
              notice.text,
              notice.act
                ? html`<button class="button plain" @click=${notice.act}>${notice.action}</button>`
                : nothing,
              notice.icon,
            )}
          </li>`,
      )}
    </ul>`;
  }

  /** All in few words, for phones: a line that opens. Errors are never part of it. */
  #renderFold(notices: Notice[]): TemplateResult {
    const worst = notices.find(({ kind }) => kind === "warning") ?? notices[0]!;
    return html`<li class="fold">
      <button
        class="note ${worst.kind}"
        aria-expanded=${this.open}
        @click=${() => (this.open = !this.open)}
      >
        ${icon(worst.icon)}
        <span class="text">${notices.map(({ short }) => short).join(" · ")}</span>
        ${icon("chevron", "small turning")}
      </button>
    </li>`;
  }

  #ofProjects(): Notice[] {
    const { words } = this.ctx;
    return this.projects.flatMap(({ title, state, reason, paused_until: paused }): Notice[] => {
      if (paused) {
        const time = words.age(Date.parse(paused), Date.now(), "long");
        return [
          {
            kind: "error",
            icon: "offline",
            text: words.t("notices.paused", { title, time }),
            ...this.#repairs,
          },
        ];
      }
      if (QUIET.includes(state)) {
        return [];
      }
      const retries = state === "setup_retry";
      const key = retries ? "retry" : reason === "reauth" ? "credentials" : "failed";
      return [
        {
          kind: retries ? "warning" : "error",
          icon: retries ? "offline" : "error",
          text: words.t(`notices.${key}`, { title }),
          action: words.t("notices.project_action"),
          act: () => goTo(`/config/integrations/integration/${DOMAIN}`),
        },
      ];
    });
  }

  #ofLock(): Notice[] {
    const { words, navigate } = this.ctx;
    const { lock, users } = this;
    if (!lock) {
      return [];
    }
    const notices = signsOf(words, lock)
      // Nothing else is known of a disabled lock; one that was never read is no failure.
      .filter(({ name }) =>
        lock.disabled ? name === "disabled" : name !== "unreadable" || lock.read_at,
      )
      .map(({ name, count, text: short }): Notice => {
        const text =
          count === undefined
            ? words.t(`notices.${name}`, { lock: lock.name })
            : words.count(`notices.${name}`, count, { lock: lock.name });
        const sign = { icon: SIGN_ICONS[name], text, short };
        switch (name) {
          case "unreadable":
            return { ...sign, kind: "error", ...this.#repairs };
          case "unassigned":
          case "absent":
            return {
              ...sign,
              kind: "warning",
              action: words.t(`notices.${name}_action`),
              act: () => navigate(lock.lock_id, name),
            };
          default:
            return {
              ...sign,
              kind: "info",
              ...(name === "disabled" && lock.device_id
                ? {
                    action: words.t("notices.device_action"),
                    act: () => goTo(`/config/devices/device/${lock.device_id}`),
                  }
                : {}),
            };
        }
      });
    const all = Object.values(users?.users ?? {});
    if (!lock.disabled && all.length && all.every((user) => !user.schedule)) {
      notices.push({
        kind: "info",
        icon: "info",
        text: words.t("notices.no_schedules", { lock: lock.name }),
      });
    }
    return notices;
  }

  get #repairs(): Pick<Notice, "action" | "act"> {
    return {
      action: this.ctx.words.t("notices.repairs_action"),
      act: () => goTo("/config/repairs"),
    };
  }

  static override styles = [
    ...Element.styles,
    css`
      ul {
        gap: 8px;
        margin-bottom: 16px;
      }

      .fold {
        display: none;
      }

      .fold > .note {
        flex-wrap: nowrap;
        width: 100%;
        text-align: start;
      }

      @media (max-width: 600px), (max-height: 600px) {
        .note {
          padding-block: 2px;
        }

        .fold {
          display: block;
        }

        .fold:has([aria-expanded="false"]) ~ .folded {
          display: none;
        }
      }
    `,
  ];
}
