import { css, html, nothing, type TemplateResult } from "lit";
import { ReadingElement } from "../base";
import { define, state } from "../define";
import { icon, type Icon } from "../icons";
import { empty } from "../parts";
import { rows } from "../rows";
import { rowsOfWindows } from "../schedule";
import type { Password, PasswordStatus } from "../types";
import { type NewCode } from "./password-dialog";
import "./password-dialog";

const ICONS: Record<PasswordStatus, Icon> = {
  pending: "pending",
  active: "check",
  frozen: "pause",
  deleting: "delete",
  deleted: "delete",
  failed: "error",
  unknown: "info",
};

/** Temporary passwords of a lock. They are read when this is opened, not before. */
@define("tlu-passwords")
export class Passwords extends ReadingElement {
  @state() private passwords: Password[] | undefined;
  @state() private adding: "password" | "offline" | undefined;
  @state() private code: NewCode | undefined;

  protected override get isRead(): boolean {
    return this.passwords !== undefined;
  }

  override render(): TemplateResult {
    const { words } = this.ctx;
    return html`<section class="stack">
      <div class="head between">
        <div>
          <h2>${words.t("passwords.heading")}</h2>
          <p class="secondary">${words.t("passwords.text")}</p>
        </div>
        <div class="actions">
          ${
            this.has("get_dynamic_password")
              ? this.button("now", words.t("passwords.now"), this.#forNow, { symbol: "clock" })
              : nothing
          }
          ${
            this.has("add_offline_password")
              ? this.button(
                  "offline",
                  words.t("passwords.offline"),
                  () => (this.adding = "offline"),
                  { symbol: "offline" },
                )
              : nothing
          }
          ${this.button("add", words.t("passwords.add"), () => (this.adding = "password"), {
            look: "filled",
            symbol: "plus",
          })}
        </div>
      </div>
      ${this.renderReading()} ${this.#renderList()}
      ${
        this.adding
          ? html`<tlu-password-dialog
              .ctx=${this.ctx}
              .lock=${this.lock}
              .users=${this.users}
              ?offline=${this.adding === "offline"}
              .passwords=${this.passwords ?? []}
              @made=${(event: CustomEvent<NewCode>) => this.#made(event.detail)}
              @close=${() => (this.adding = undefined)}
            ></tlu-password-dialog>`
          : nothing
      }
      ${
        this.code
          ? html`<tlu-code-dialog
              .ctx=${this.ctx}
              .code=${this.code}
              @close=${() => (this.code = undefined)}
            ></tlu-code-dialog>`
          : nothing
      }
    </section>`;
  }

  #renderList(): TemplateResult | typeof nothing {
    const { words } = this.ctx;
    if (!this.passwords) {
      return nothing;
    }
    const shown = this.passwords.filter((password) => password.status !== "deleted");
    return shown.length
      ? html`<ul class="card">
          ${rows(
            shown,
            ({ password_id: id }) => id,
            (password) => this.#renderPassword(password),
          )}
        </ul>`
      : empty("password", words.t("passwords.none"));
  }

  #renderPassword(password: Password): TemplateResult {
    const { words } = this.ctx;
    const disabled = this.blocked;
    const { status } = password;
    const name = this.#nameOf(password);
    const canFreeze = status === "active" || status === "frozen";
    return html`<li data-password=${password.password_id}>
      ${
        this.busy === password.password_id || status === "pending" || status === "deleting"
          ? html`<span class="spinner"></span>`
          : icon(ICONS[status], `status ${status}`)
      }
      <span class="what">
        <bdi class="name">${name}</bdi>
        <span class="secondary">
          ${[words.t(`passwords.status.${status}`), ...this.#facts(password)].join(" · ")}
        </span>
      </span>
      ${
        canFreeze && this.has("update_password")
          ? this.button(
              "freeze",
              words.t(status === "frozen" ? "passwords.unfreeze" : "passwords.freeze"),
              () => this.#freeze(password),
              { look: "plain", of: name },
            )
          : nothing
      }
      ${
        this.has("delete_password")
          ? html`<button
              class="icon-button delete"
              aria-label="${words.t("common.delete")}: ${name}"
              ?disabled=${disabled || status === "deleting"}
              @click=${() => void this.#delete(password)}
            >
              ${icon("delete")}
            </button>`
          : nothing
      }
    </li>`;
  }

  #facts(password: Password): string[] {
    const { words } = this.ctx;
    const zone = this.lock.time_zone;
    const { start, end, windows, one_time: oneTime } = password;
    return [
      ...(start && end
        ? [
            words.t("passwords.valid_between", {
              start: words.dateTime(Date.parse(start), zone),
              end: words.dateTime(Date.parse(end), zone),
            }),
          ]
        : []),
      ...words.rows(rowsOfWindows(windows ?? [])),
      ...(oneTime ? [words.t("passwords.one_time")] : []),
    ];
  }

  #nameOf(password: Password): string {
    return (
      password.name ??
      this.ctx.words.t("passwords.unnamed", {
        number: String(password.number ?? password.password_id),
      })
    );
  }

  protected override async read(): Promise<void> {
    const answer = await this.write<{ passwords: Password[] }>("read", "get_passwords", {});
    if (answer) {
      this.passwords = answer.passwords;
    }
  }

  #made(code: NewCode): void {
    this.adding = undefined;
    this.code = code;
    void this.read();
  }

  async #forNow(): Promise<void> {
    const { words } = this.ctx;
    const sure = await this.ctx.confirm({
      title: words.t("passwords.now"),
      text: words.t("passwords.now_confirm", { lock: this.lock.name }),
      action: words.t("passwords.make"),
    });
    const answer =
      sure &&
      (await this.write<{ password: string; valid_until: string }>(
        "now",
        "get_dynamic_password",
        {},
      ));
    if (answer) {
      this.code = {
        title: words.t("passwords.now"),
        password: answer.password,
        text: words.t("passwords.now_text", {
          lock: this.lock.name,
          time: words.clockAt(Date.parse(answer.valid_until), this.lock.time_zone),
        }),
      };
    }
  }

  async #freeze(password: Password): Promise<void> {
    const { words } = this.ctx;
    const frozen = password.status !== "frozen";
    const answer = await this.write<{ password: Password }>(
      password.password_id,
      "update_password",
      { password_id: password.password_id, frozen },
    );
    if (answer) {
      this.passwords = this.passwords!.map((each) =>
        each.password_id === password.password_id ? answer.password : each,
      );
      this.announce(
        answer,
        words.t(frozen ? "passwords.frozen_done" : "passwords.unfrozen_done", {
          name: this.#nameOf(password),
        }),
      );
    }
  }

  async #delete(password: Password): Promise<void> {
    const { words } = this.ctx;
    const name = this.#nameOf(password);
    const sure = await this.ctx.confirm({
      title: words.t("passwords.delete_title", { name }),
      text: words.t("passwords.delete_text", { lock: this.lock.name }),
      action: words.t("common.delete"),
      danger: true,
    });
    const answer =
      sure &&
      (await this.write<{ status: PasswordStatus }>(password.password_id, "delete_password", {
        password_id: password.password_id,
      }));
    if (answer) {
      this.passwords = this.passwords!.map((each) =>
        each.password_id === password.password_id ? { ...each, status: answer.status } : each,
      );
      this.ctx.announce(
        words.t(
          answer.status === "deleted" ? "passwords.deleted_done" : "passwords.deleting_done",
          { name },
        ),
      );
    }
  }

  static override styles = [
    ...ReadingElement.styles,
    css`
      .head > :first-child {
        flex: 1 1 280px;
      }

      .status.active {
        color: var(--tlu-success);
      }

      .status.failed {
        color: var(--tlu-error);
      }

      .status.frozen {
        color: var(--tlu-warning);
      }

      @media (max-width: 600px) {
        .actions,
        .actions .button {
          flex: 1 1 auto;
        }

        li {
          flex-wrap: wrap;
          gap: 4px 12px;
        }

        .freeze,
        .what + .delete {
          margin-inline-start: auto;
        }

        .what {
          flex-basis: calc(100% - 40px);
        }
      }
    `,
  ];
}
