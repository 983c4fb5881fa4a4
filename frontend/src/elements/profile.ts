import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { call } from "../actions";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import type { Profile, User } from "../types";
import { choices } from "../parts";
import { field, type FieldKind } from "./field";
import type { Key } from "../words";

export type ProfileFields = Partial<Record<"name" | keyof Profile, string>>;

const FIELDS: { name: keyof Profile; kind: FieldKind; label: Key; unit?: string }[] = [
  { name: "contact", kind: "text", label: "profile.contact" },
  { name: "birthday", kind: "date", label: "profile.birthday" },
  { name: "height", kind: "number", label: "profile.height", unit: "cm" },
  { name: "weight", kind: "number", label: "profile.weight", unit: "kg" },
];

/** The fields of an action for the values that were entered. */
export const profileData = (fields: ProfileFields): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .map(([name, value]): [string, string] => [name, value.trim()])
      .filter(([, value]) => value)
      .map(([name, value]) => [
        name,
        name === "height" || name === "weight" ? Number(value) : value,
      ]),
  );

/** The fields of a person but the name. */
export const profileForm = (
  ctx: LockElement["ctx"],
  fields: ProfileFields,
  change: (part: ProfileFields) => void,
): TemplateResult => {
  const { words } = ctx;
  return html`${FIELDS.map(({ name, kind, label, unit }) =>
      field(ctx, words.t(label), fields[name] ?? "", (value) => change({ [name]: value }), {
        kind,
        unit,
      }),
    )}
    <div>
      <p class="secondary" aria-hidden="true">${words.t("profile.sex")}</p>
      ${choices(
        words.t("profile.sex"),
        (["female", "male"] as const).map((value) => ({
          value,
          label: words.t(`profile.${value}`),
        })),
        fields.sex,
        (sex) => change({ sex }),
        { look: "segments" },
      )}
    </div>`;
};

/** Name and details, read when they are opened; role; and the way out. */
@define("tlu-profile")
export class ProfileSection extends LockElement {
  @property() user!: User;

  @state() private open = false;
  @state() private loading = false;
  @state() private readable = true;
  @state() private known: ProfileFields = {};
  @state() private changes: ProfileFields = {};

  #shownId = "";

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (this.user.user_id !== this.#shownId) {
      this.#shownId = this.user.user_id;
      this.open = false;
      this.changes = {};
      this.error = "";
    }
  }

  override render(): TemplateResult {
    const { words } = this.ctx;
    const isOwner = this.user.user_type === "owner";
    return html`<section>
        <button class="fold" aria-expanded=${this.open} @click=${() => void this.#toggle()}>
          <h3>${words.t("profile.heading")}</h3>
          ${this.loading ? html`<span class="spinner"></span>` : icon("chevron", "turning")}
        </button>
        ${this.open && !this.loading ? this.#renderForm() : nothing}
      </section>
      ${isOwner ? nothing : html`${this.#renderRole()} ${this.#renderDelete()}`}
      ${this.renderError()}`;
  }

  #renderForm(): TemplateResult {
    const { words } = this.ctx;
    const shown = { ...this.known, ...this.changes };
    const dirty = Object.keys(this.#data).length > 0;
    return html`<div class="form">
      ${this.readable ? nothing : html`<p class="secondary">${words.t("profile.not_read")}</p>`}
      ${field(this.ctx, words.t("profile.name"), shown.name ?? "", (value) => this.#change({ name: value }))}
      ${profileForm(this.ctx, shown, (part) => this.#change(part))}
      <div class="actions">
        <button
          class="button plain"
          ?disabled=${!dirty || this.busy !== ""}
          @click=${() => (this.changes = {})}
        >
          ${words.t("common.discard")}
        </button>
        ${this.button("profile", words.t("common.save"), this.#save, {
          look: "filled",
          disabled: !dirty,
        })}
      </div>
    </div>`;
  }

  #renderRole(): TemplateResult {
    const { words } = this.ctx;
    const { role } = this.user;
    return html`<section class="between">
      <div>
        <h3>${words.t("role.heading")}</h3>
        <p class="secondary">${words.t("role.help")}</p>
      </div>
      ${choices(
        words.t("role.heading"),
        (["normal", "admin"] as const).map((value) => ({ value, label: words.t(`role.${value}`) })),
        role,
        (each) => void this.#setRole(each),
        { look: "segments", disabled: this.blocked },
      )}
    </section>`;
  }

  #renderDelete(): TemplateResult {
    const { words } = this.ctx;
    return html`<section class="between">
      <div>
        <h3>${words.t("delete_user.heading")}</h3>
        <p class="secondary">${words.t("delete_user.text")}</p>
      </div>
      ${this.button("delete", words.t("common.delete"), this.#delete, {
        look: "tonal danger",
        symbol: "delete",
      })}
    </section>`;
  }

  #change(part: ProfileFields): void {
    this.changes = { ...this.changes, ...part };
  }

  get #data(): Record<string, unknown> {
    return profileData(
      Object.fromEntries(
        Object.entries(this.changes).filter(
          ([name, value]) => value !== this.known[name as keyof ProfileFields],
        ),
      ),
    );
  }

  async #toggle(): Promise<void> {
    this.open = !this.open;
    if (!this.open || this.loading) {
      return;
    }
    this.loading = true;
    this.known = { name: this.user.name ?? "" };
    try {
      const { profile } = await call<{ profile: Profile | null }>(this.ctx, this.lock, "get_user", {
        user: this.user.user_id,
      });
      this.readable = profile !== null;
      for (const [name, value] of Object.entries(profile ?? {})) {
        if (value !== null) {
          this.known = { ...this.known, [name]: String(value) };
        }
      }
    } catch (err) {
      this.error = (err as Error).message;
      this.readable = false;
    } finally {
      this.loading = false;
    }
  }

  async #save(): Promise<void> {
    const { words } = this.ctx;
    const data = this.#data;
    const answer = await this.write<{ user: User }>("profile", "update_user", {
      user: this.user.user_id,
      ...data,
    });
    if (answer) {
      this.known = { ...this.known, ...this.changes };
      this.changes = {};
      this.ctx.announce(
        words.t("profile.saved", { user: this.known.name ?? words.user(this.user) }),
      );
    }
  }

  async #setRole(role: "admin" | "normal"): Promise<void> {
    const { words } = this.ctx;
    if (role === this.user.role) {
      return;
    }
    const placeholders = { user: words.user(this.user), lock: this.lock.name };
    const admins = Object.values(this.users.users).filter((user) => user.role === "admin");
    const sure =
      role === "admin" ||
      admins.length > 1 ||
      (await this.ctx.confirm({
        title: words.t("role.last_title", placeholders),
        text: words.t("role.last_text", placeholders),
        action: words.t("role.last_action"),
      }));
    if (sure && (await this.write("role", "set_user_role", { user: this.user.user_id, role }))) {
      this.ctx.announce(words.t(`role.changed_${role}`, placeholders));
    }
  }

  async #delete(): Promise<void> {
    const { words } = this.ctx;
    const { unlock_methods: methods } = this.user;
    const placeholders = {
      user: words.user(this.user),
      lock: this.lock.name,
      methods: words.list(words.methodCounts(methods ?? [])),
    };
    const key =
      methods === null
        ? "delete_user.confirm_unknown"
        : methods.length
          ? "delete_user.confirm"
          : "delete_user.confirm_none";
    const sure = await this.ctx.confirm({
      title: words.t("delete_user.title", placeholders),
      text: words.t(key, placeholders),
      action: words.t("common.delete"),
      danger: true,
    });
    if (sure && (await this.write("delete", "delete_user", { user: this.user.user_id }))) {
      this.ctx.announce(words.t("delete_user.deleted", placeholders));
      this.ctx.navigate(this.lock.lock_id);
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

      .fold {
        display: flex;
        align-items: center;
        justify-content: space-between;
        width: 100%;
        min-height: 44px;
        text-align: start;
      }

      .form {
        padding-top: 8px;
      }

      .actions {
        justify-content: flex-end;
      }
    `,
  ];
}
