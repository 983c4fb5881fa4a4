import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import { draftOf, isSame, scheduleFields, type Draft } from "../schedule";
import type { User } from "../types";
import { delivery, note } from "../parts";
import { isoOf } from "../zones";
import { ScheduleEditor } from "./schedule-editor";
import { accessWord, deliveryOf, nextWords } from "./user-row";
import "./methods";
import "./profile";

/**
 * Drafts, by lock and user: Home Assistant discards the panel's elements
 * after some minutes in the background, and makes new ones.
 */
const drafts = new Map<string, { base: Draft; draft: Draft }>();

/** How long the sheet says that a schedule was saved. */
const SHOWN = 8000;

/** Everything about one user. Sections save by themselves; the schedule has a footer. */
@define("tlu-user-sheet")
export class UserSheet extends LockElement {
  @property() user!: User;
  /** Whether the user was added just now. */
  @property({ type: Boolean }) fresh = false;

  @state() private edited: { base: Draft; draft: Draft } | undefined;
  /** What came of the last save, for a moment. */
  @state() private saved = "";

  #key = "";

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const key = `${this.lock.lock_id}:${this.user.user_id}`;
    if (key !== this.#key) {
      this.#key = key;
      this.edited = drafts.get(key);
      this.error = this.saved = "";
    }
  }

  get isDirty(): boolean {
    return this.edited !== undefined && !isSame(this.edited.draft, this.#shown);
  }

  discard(): void {
    drafts.delete(this.#key);
    this.edited = undefined;
    this.error = "";
  }

  override render(): TemplateResult {
    const { words } = this.ctx;
    const { user } = this;
    const isOwner = user.user_type === "owner";
    return html`
      ${this.fresh ? note("info", words.t("add_user.hints")) : nothing}
      ${this.#renderAccess(isOwner)}
      <section aria-labelledby="schedule">
        <h3 id="schedule">${words.t("schedule.heading")}</h3>
        ${
          isOwner
            ? html`<p class="secondary">${words.t("schedule.owner")}</p>`
            : this.#renderSchedule()
        }
      </section>
      <tlu-methods
        .ctx=${this.ctx}
        .lock=${this.lock}
        .users=${this.users}
        .user=${user}
      ></tlu-methods>
      <tlu-profile
        .ctx=${this.ctx}
        .lock=${this.lock}
        .users=${this.users}
        .user=${user}
      ></tlu-profile>
      ${isOwner ? nothing : this.#renderFooter()}
    `;
  }

  #renderAccess(isOwner: boolean): TemplateResult {
    const { words } = this.ctx;
    const { user } = this;
    const isSuspended = user.access === "suspended";
    // In the place of the next change, so that nothing below moves.
    const status = deliveryOf(user);
    return html`<section class="now between" aria-labelledby="now">
      <h3 id="now" class="hidden-text">${words.t("access.heading")}</h3>
      <div class="state">
        <span class="dot ${user.access ?? ""}"></span>
        <span class="what">
          <strong>${accessWord(words, user.access)}</strong>
          ${
            status === "ongoing"
              ? delivery(words, status)
              : html`<span class="secondary">
                  ${nextWords(words, user, this.lock.time_zone, Date.now())}
                </span>`
          }
        </span>
      </div>
      ${
        isOwner
          ? nothing
          : this.button(
              "suspend",
              words.t(isSuspended ? "access.resume" : "access.suspend"),
              isSuspended ? this.#resume : this.#suspend,
              {
                look: isSuspended ? "tonal" : "tonal danger",
                symbol: isSuspended ? "play" : "pause",
              },
            )
      }
      ${status === "failed" ? delivery(words, status) : nothing}
    </section>`;
  }

  #renderSchedule(): TemplateResult {
    const { words } = this.ctx;
    const { schedule } = this.user;
    const others = Object.values(this.users.users).filter(
      (other) => other.user_id !== this.user.user_id && other.schedule?.permanent === false,
    );
    // Updates of the lock during a write show the written schedule.
    const changedElsewhere =
      this.busy !== "schedule" &&
      this.isDirty &&
      this.edited !== undefined &&
      !isSame(this.edited.base, this.#shown);
    return html`
      ${schedule ? nothing : html`<p class="secondary">${words.t("schedule.unknown")}</p>`}
      ${schedule?.windows === null ? note("warning", words.t("schedule.not_understood")) : nothing}
      ${
        changedElsewhere
          ? note(
              "warning",
              words.t("schedule.changed"),
              html`
                <button class="button plain" @click=${this.discard}>
                  ${words.t("schedule.take_theirs")}
                </button>
                <button class="button plain" @click=${this.#keepMine}>
                  ${words.t("schedule.keep_mine")}
                </button>
              `,
            )
          : nothing
      }
      <tlu-schedule-editor
        .ctx=${this.ctx}
        .lock=${this.lock}
        .user=${this.user}
        .others=${others}
        .draft=${this.edited?.draft ?? this.#shown}
        @changed=${(event: CustomEvent<Draft>) => this.#edit(event.detail)}
      ></tlu-schedule-editor>
    `;
  }

  #renderFooter(): TemplateResult | typeof nothing {
    const { words } = this.ctx;
    // While it is saved, the lock may report what is saved.
    if (!this.edited || !(this.isDirty || this.busy === "schedule")) {
      return this.saved
        ? html`<div class="footer">
            <p class="summary saved" role="status">${icon("check")} ${this.saved}</p>
          </div>`
        : this.error
          ? html`<div class="footer">
              ${this.renderError(
                html`<button class="button plain" @click=${this.discard}>
                  ${words.t("common.close")}
                </button>`,
              )}
            </div>`
          : nothing;
    }
    const { draft } = this.edited;
    const isComplete = ScheduleEditor.isComplete(draft);
    const { text, next } = ScheduleEditor.summary(this.ctx, draft, this.lock.time_zone, Date.now());
    return html`<div class="footer">
      ${this.renderError(
        this.errorKey === "one_window_only"
          ? html`<button class="button plain" @click=${this.#keepFirst}>
              ${words.t("schedule.first_only")}
            </button>`
          : nothing,
      )}
      <div class="summary" role="status">
        ${
          isComplete
            ? html`<strong>${text}</strong><br /><span class="secondary">${next}</span>`
            : html`<span class="secondary">${words.t("schedule.nothing")}</span>`
        }
      </div>
      <div class="actions">
        <button class="button plain discard" ?disabled=${this.busy !== ""} @click=${this.discard}>
          ${words.t("common.discard")}
        </button>
        ${this.button("schedule", words.t("common.save"), this.#save, {
          look: "filled",
          disabled: !isComplete,
        })}
      </div>
    </div>`;
  }

  get #shown(): Draft {
    return draftOf(this.user.schedule);
  }

  #edit(draft: Draft): void {
    this.saved = "";
    this.edited = { base: this.edited?.base ?? this.#shown, draft };
    drafts.set(this.#key, this.edited);
  }

  #keepMine(): void {
    this.edited = { base: this.#shown, draft: this.edited!.draft };
    drafts.set(this.#key, this.edited);
  }

  #keepFirst(): void {
    const { draft } = this.edited!;
    this.error = "";
    this.#edit({ ...draft, rows: draft.rows.slice(0, 1) });
  }

  // Writes

  get #placeholders(): { user: string; lock: string } {
    return { user: this.ctx.words.user(this.user), lock: this.lock.name };
  }

  async #save(): Promise<void> {
    const { lock, ctx } = this;
    const key = this.#key;
    const text = ctx.words.t("schedule.saved", this.#placeholders);
    const answer = await this.write("schedule", "set_user_schedule", {
      user: this.user.user_id,
      ...scheduleFields(this.edited!.draft, (wall) => isoOf(wall, lock.time_zone)),
    });
    if (!answer) {
      return;
    }
    drafts.delete(key);
    if (key !== this.#key || !this.isConnected) {
      this.announce(answer, text);
      return;
    }
    this.edited = undefined;
    this.saved = this.outcome(answer, text);
    setTimeout(() => (this.saved = ""), SHOWN);
  }

  async #suspend(): Promise<void> {
    const { words } = this.ctx;
    const placeholders = this.#placeholders;
    const sure = await this.ctx.confirm({
      title: words.t("access.suspend_title", placeholders),
      text: words.t("access.suspend_text", placeholders),
      action: words.t("access.suspend"),
      danger: true,
    });
    const answer =
      sure && (await this.write("suspend", "suspend_user", { user: this.user.user_id }));
    if (answer) {
      this.announce(answer, words.t("access.suspended_done", placeholders));
    }
  }

  async #resume(): Promise<void> {
    const placeholders = this.#placeholders;
    const answer = await this.write("suspend", "resume_user", { user: this.user.user_id });
    if (answer) {
      this.announce(answer, this.ctx.words.t("access.resumed_done", placeholders));
    }
  }

  static override styles = [
    ...LockElement.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 24px;
      }

      h3 {
        margin-bottom: 8px;
      }

      .now {
        padding: 12px 16px;
        border-radius: var(--tlu-radius);
        background: color-mix(in srgb, var(--tlu-text) 5%, transparent);
      }

      .state {
        display: flex;
        flex: 1;
        align-items: center;
        gap: 12px;
        min-height: 44px;
      }

      .now > .delivery {
        width: 100%;
      }

      .footer {
        position: sticky;
        bottom: calc(-1 * var(--sheet-padding, 24px));
        z-index: 2;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: flex-end;
        gap: 8px;
        margin: 0 calc(-1 * var(--sheet-padding, 24px)) calc(-1 * var(--sheet-padding, 24px));
        padding: 12px var(--sheet-padding, 24px);
        border-top: 1px solid var(--tlu-line);
        background: var(--sheet-background, var(--tlu-card));
      }

      .footer .note {
        width: 100%;
      }

      .summary {
        flex: 1 1 200px;
        overflow-wrap: anywhere;
      }

      .saved {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 40px;
      }

      .saved .icon {
        color: var(--tlu-success);
      }
    `,
  ];
}
