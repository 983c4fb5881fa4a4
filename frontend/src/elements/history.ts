import { css, html, nothing, type TemplateResult } from "lit";
import { ReadingElement } from "../base";
import { define, state } from "../define";
import { icon, iconOf, type Icon } from "../icons";
import { usersOf } from "../merge";
import type { LockRecord } from "../types";
import { choices, zoneNote } from "../parts";
import { addDays, wallOf } from "../zones";

/** Records of one page. Fewer would not save a call: what is left out was read, too. */
const PAGE = 200;

/** The span that the action reads without a start, in milliseconds. */
const WEEK = 7 * 86_400_000;

/** What is read before a week without records, to know whether there are any. */
const QUARTER = 13 * WEEK;

/** Ways to open that are no unlock method. */
const ICONS: Record<string, Icon> = {
  app: "cellphone",
  remote: "cellphone",
  voice: "microphone",
  inside: "door",
  temporary_password: "password",
  dynamic_password: "password",
  offline_password: "password",
};

const KINDS = ["all_kinds", "opened_only", "alarms_only"] as const;

/** Openings of the door, newest first. Nothing is fetched before this is opened. */
@define("tlu-history")
export class History extends ReadingElement {
  @state() private records: LockRecord[] | undefined;
  @state() private userId = "";
  @state() private kind: (typeof KINDS)[number] = "all_kinds";
  @state() private hasMore = false;

  #oldest = 0;

  protected override get isRead(): boolean {
    return this.records !== undefined;
  }

  override render(): TemplateResult {
    const { words } = this.ctx;
    const users = usersOf(this.users).sort(words.byName);
    return html`<section class="stack">
      <div class="bar">
        <h2 class="hidden-text">${words.t("history.heading")}</h2>
        <label>
          <span class="hidden-text">${words.t("history.user")}</span>
          <select
            class="input"
            @change=${(event: Event) => (this.userId = (event.target as HTMLSelectElement).value)}
          >
            <option value="">${words.t("history.all_users")}</option>
            ${users.map(
              (user) =>
                html`<option value=${user.user_id} ?selected=${user.user_id === this.userId}>
                  ${words.user(user)}
                </option>`,
            )}
          </select>
        </label>
        ${choices(
          words.t("history.kind"),
          KINDS.map((value) => ({ value, label: words.t(`history.${value}`) })),
          this.kind,
          (kind) => (this.kind = kind),
        )}
        <button
          class="icon-button again"
          aria-label=${words.t("history.refresh")}
          ?disabled=${this.blocked}
          @click=${() => void this.read()}
        >
          ${icon("refresh")}
        </button>
      </div>
      ${zoneNote(words, this.ctx.hass, this.lock.time_zone)} ${this.renderReading()}
      ${this.#renderRecords()}
    </section>`;
  }

  #renderRecords(): TemplateResult | typeof nothing {
    const { words } = this.ctx;
    const zone = this.lock.time_zone;
    if (!this.records) {
      return nothing;
    }
    const shown = this.records.filter(
      (record) =>
        (!this.userId || record.user_id === this.userId) &&
        (this.kind === "all_kinds" || (record.kind === "alarm") === (this.kind === "alarms_only")),
    );
    const days = Map.groupBy(shown, (record) => this.#dayOf(Date.parse(record.time)));
    const today = this.#dayOf(Date.now());
    // Who came yesterday is answered also where no one did.
    for (const date of [today, addDays(today, -1)]) {
      if (date > this.#dayOf(this.#oldest) && !days.has(date)) {
        days.set(date, []);
      }
    }
    const none = words.t(
      this.userId || this.kind === "alarms_only" ? "history.none" : "history.no_one",
    );
    return html`${[...days]
        .sort(([a], [b]) => (a < b ? 1 : -1))
        .map(
          ([date, records]) =>
            html`<h3>${this.#dayName(date, today)}</h3>
              ${
                records.length
                  ? html`<ul class="card">
                      ${records.map((record) => this.#renderRecord(record))}
                    </ul>`
                  : html`<p class="secondary">${none}</p>`
              }`,
        )}
      <div class="more secondary">
        <p>
          ${
            this.hasMore
              ? words.t("history.since", { date: words.date(this.#oldest, zone) })
              : words.t("history.no_older")
          }
        </p>
        ${
          this.hasMore
            ? this.button("read", words.t("common.show_more"), () => void this.read(true))
            : nothing
        }
      </div>`;
  }

  #renderRecord(record: LockRecord): TemplateResult {
    const { words } = this.ctx;
    const { kind, user_id: userId, user_name: userName } = record;
    const how = this.#howOf(record);
    const title =
      kind === "alarm"
        ? how
        : kind === "doorbell"
          ? words.t("history.doorbell")
          : userName
            ? words.t("history.opened_by", { user: userName })
            : words.t("history.opened");
    const facts = [
      ...(kind === "opened" ? [how] : []),
      ...(record.name ? [record.name] : []),
      ...(kind === "alarm" && userName ? [userName] : []),
    ];
    const name: Icon =
      kind === "alarm"
        ? "shield"
        : kind === "doorbell"
          ? "bell"
          : (ICONS[record.type ?? ""] ?? iconOf(record.type ?? ""));
    const nobodys = kind === "opened" && !userId && record.number !== null && this.#isFree(record);
    return html`<li class=${kind}>
      ${icon(name, "secondary")}
      <span class="what">
        <span class="name">${title}</span>
        <span class="secondary"><bdi>${facts.join(" · ")}</bdi></span>
      </span>
      ${
        nobodys
          ? html`<button
              class="button plain"
              @click=${() => this.ctx.navigate(this.lock.lock_id, "unassigned")}
            >
              ${words.t("history.assign")}
            </button>`
          : nothing
      }
      <time datetime=${record.time} class="secondary">
        ${words.clockAt(Date.parse(record.time), this.lock.time_zone)}
      </time>
    </li>`;
  }

  #isFree(record: LockRecord): boolean {
    return (this.users.unassigned ?? []).some(
      (method) => method.type === record.type && method.number === record.number,
    );
  }

  /** How it was opened, or which alarm; words that are not known are other. */
  #howOf(record: LockRecord): string {
    const { words } = this.ctx;
    const event = record.kind === "alarm" ? "alarm" : "opened";
    return words.event(record.type ?? "", event) || words.event("other", event);
  }

  #dayOf(instant: number): string {
    return wallOf(instant, this.lock.time_zone).slice(0, 10);
  }

  #dayName(date: string, today: string): string {
    const { words } = this.ctx;
    return date === today
      ? words.t("history.today")
      : date === addDays(today, -1)
        ? words.t("history.yesterday")
        : words.longDate(Date.parse(date), "+00:00");
  }

  /** Read the last days, or the days before those that are shown. */
  protected override async read(older = false): Promise<void> {
    const end = older ? this.#oldest : Date.now();
    const known = older ? this.records! : [];
    const key = (record: LockRecord): string => JSON.stringify(record);
    const seen = new Set(known.map(key));
    this.hasMore = true;
    for (const span of older ? [WEEK, QUARTER] : [WEEK]) {
      const answer = await this.write<{ records: LockRecord[] }>("read", "get_records", {
        limit: PAGE,
        ...(older
          ? { start: new Date(end - span).toISOString(), end: new Date(end).toISOString() }
          : {}),
      });
      if (!answer) {
        return;
      }
      const { records } = answer;
      const fresh = records.filter((record) => !seen.has(key(record)));
      this.records = [...known, ...fresh];
      this.#oldest = records.length < PAGE ? end - span : Date.parse(records.at(-1)!.time);
      if (fresh.length) {
        return;
      }
    }
    this.hasMore = !older;
  }

  static override styles = [
    ...ReadingElement.styles,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }

      @media (max-width: 600px) {
        .bar label {
          flex: 1;
        }

        .chips {
          order: 1;
          flex-basis: 100%;
        }
      }

      .again {
        margin-inline-start: auto;
      }

      select {
        max-width: 220px;
      }

      h3 {
        margin-top: 8px;
        font-size: 16px;
        line-height: 24px;
        font-weight: 500;
      }

      li.alarm .icon {
        color: var(--tlu-error);
      }

      .more {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 8px;
        padding-top: 16px;
        text-align: center;
      }
    `,
  ];
}
