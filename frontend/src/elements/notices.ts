import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property } from "../define";
import type { Icon } from "../icons";
import { goTo } from "../navigate";
import { note } from "../parts";
import { DOMAIN, type Lock, type LockUsers, type Project } from "../types";

interface Notice {
  kind: "info" | "warning" | "error";
  icon: Icon;
  text: string;
  action?: string;
  act?: () => void;
}

/** What one should know about a lock before its users, each with one thing to do. */
@define("tlu-notices")
export class Notices extends Element {
  @property() projects: Project[] = [];
  @property() lock: Lock | undefined;
  @property() users: LockUsers | undefined;

  override render(): TemplateResult | typeof nothing {
    const notices = [...this.#ofProjects(), ...this.#ofLock()];
    if (!notices.length) {
      return nothing;
    }
    return html`<ul>
      ${notices.map(
        (notice) =>
          html`<li>
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

  #ofProjects(): Notice[] {
    const { words } = this.ctx;
    return this.projects.flatMap((project): Notice[] => {
      const { title, state, reason } = project;
      const integration = {
        action: words.t("notices.project_action"),
        act: () => goTo(`/config/integrations/integration/${DOMAIN}`),
      };
      if (project.paused_until) {
        return [
          {
            kind: "error",
            icon: "offline",
            text: words.t("notices.paused", {
              title,
              time: words.age(Date.parse(project.paused_until), Date.now(), "long"),
            }),
            action: words.t("notices.repairs_action"),
            act: () => goTo("/config/repairs"),
          },
        ];
      }
      switch (state) {
        case "loaded":
        case "setup_in_progress":
        case "unload_in_progress":
        case "not_loaded":
          return [];
        case "setup_retry":
          return [
            {
              kind: "warning",
              icon: "offline",
              text: words.t("notices.retry", { title }),
              ...integration,
            },
          ];
        default:
          return [
            {
              kind: "error",
              icon: "error",
              text: words.t(reason === "reauth" ? "notices.credentials" : "notices.failed", {
                title,
              }),
              ...integration,
            },
          ];
      }
    });
  }

  #ofLock(): Notice[] {
    const { words } = this.ctx;
    const { lock, users } = this;
    if (!lock) {
      return [];
    }
    const notices: Notice[] = [];
    const name = lock.name;
    if (lock.disabled) {
      notices.push({
        kind: "info",
        icon: "pause",
        text: words.t("notices.disabled", { lock: name }),
        ...(lock.device_id
          ? {
              action: words.t("notices.device_action"),
              act: () => goTo(`/config/devices/device/${lock.device_id}`),
            }
          : {}),
      });
      return notices;
    }
    if (!lock.readable && lock.read_at) {
      notices.push({
        kind: "error",
        icon: "alert",
        text: words.t("notices.unreadable", { lock: name }),
        action: words.t("notices.repairs_action"),
        act: () => goTo("/config/repairs"),
      });
    }
    if (lock.online === false) {
      notices.push({
        kind: "info",
        icon: "offline",
        text: words.t("notices.offline", { lock: name }),
      });
    }
    if (lock.pending) {
      notices.push({
        kind: "info",
        icon: "pending",
        text: words.count("notices.pending", lock.pending),
      });
    }
    if (lock.unassigned) {
      notices.push({
        kind: "warning",
        icon: "unassigned",
        text: words.count("notices.unassigned", lock.unassigned, { lock: name }),
        action: words.t("notices.unassigned_action"),
        act: () => this.ctx.navigate(lock.lock_id, "unassigned"),
      });
    }
    if (lock.absent) {
      notices.push({
        kind: "warning",
        icon: "absent",
        text: words.count("notices.absent", lock.absent, { lock: name }),
        action: words.t("notices.absent_action"),
        act: () => this.ctx.navigate(lock.lock_id, "absent"),
      });
    }
    const all = Object.values(users?.users ?? {});
    if (all.length && all.every((user) => !user.schedule)) {
      notices.push({
        kind: "info",
        icon: "info",
        text: words.t("notices.no_schedules", { lock: name }),
      });
    }
    return notices;
  }

  static override styles = [
    ...Element.styles,
    css`
      ul {
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin-bottom: 16px;
      }

      @media (max-width: 600px) {
        .note {
          padding-block: 2px;
        }
      }
    `,
  ];
}
