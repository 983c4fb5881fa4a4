import { css, html, nothing, type TemplateResult } from "lit";
import { actionError } from "../actions";
import { Element } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import { goTo } from "../navigate";
import { DOMAIN, type Lock } from "../types";

const HELP = "https://github.com/tuya-lock-users/tuya-lock-users/blob/main/docs/panel.md";

/** The bar at the top: menu, title, search, reading now, and what else there is. */
@define("tlu-top-bar")
export class TopBar extends Element {
  @property() lock: Lock | undefined;
  /** Whether the lock is named here, as there is no other to choose. */
  @property() named = false;
  @property() narrow = false;
  @property() searchable = false;
  @property() search = "";

  @state() private searching = false;
  @state() private reading = false;

  override render(): TemplateResult {
    const words = this.ctx.words;
    const { lock } = this;
    const canSearch = lock && this.searchable;
    return html`<header>
      ${
        this.searching && this.narrow
          ? nothing
          : html`${this.#renderMenuButton()}
              <div class="title">
                <h1>${words.t("title")}</h1>
                ${this.named && lock ? html`<p><bdi>${lock.name}</bdi></p>` : nothing}
              </div>`
      }
      ${canSearch ? this.#renderSearch() : nothing}
      ${lock && !(this.searching && this.narrow) ? this.#renderTools(lock) : nothing}
    </header>`;
  }

  #renderMenuButton(): TemplateResult | typeof nothing {
    const { hass } = this.ctx;
    if (customElements.get("ha-menu-button")) {
      return html`<ha-menu-button .hass=${hass} .narrow=${this.narrow}></ha-menu-button>`;
    }
    if (hass.kioskMode || !(this.narrow || hass.dockedSidebar === "always_hidden")) {
      return nothing;
    }
    return html`<button
      class="icon-button"
      aria-label=${this.ctx.words.t("common.sidebar")}
      @click=${() =>
        this.dispatchEvent(new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }))}
    >
      ${icon("menu")}
    </button>`;
  }

  #renderSearch(): TemplateResult {
    const words = this.ctx.words;
    if (this.narrow && !this.searching) {
      return html`<button
        class="icon-button"
        aria-label=${words.t("users.search")}
        @click=${this.#openSearch}
      >
        ${icon("search")}
      </button>`;
    }
    return html`<div class="search">
      ${icon("search", "small")}
      <input
        type="search"
        aria-label=${words.t("users.search")}
        placeholder=${words.t("users.search")}
        .value=${this.search}
        @keydown=${(event: KeyboardEvent) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            this.#closeSearch();
          }
        }}
        @input=${(event: Event) => this.#find((event.target as HTMLInputElement).value)}
      />
      ${
        this.search || this.searching
          ? html`<button
              class="icon-button"
              aria-label=${words.t("common.clear_search")}
              @click=${this.#closeSearch}
            >
              ${icon("close", "small")}
            </button>`
          : nothing
      }
    </div>`;
  }

  async #openSearch(): Promise<void> {
    this.searching = true;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".search input")?.focus();
  }

  #closeSearch(): void {
    this.#find("");
    this.searching = false;
  }

  #renderTools(lock: Lock): TemplateResult {
    const words = this.ctx.words;
    const age = this.#ageOf(lock);
    return html`<span class="age secondary">${age}</span>
      <button
        class="icon-button read"
        aria-label=${words.t("locks.read_now")}
        title="${words.t("locks.read_now")}: ${words.t("locks.read_now_cost")} ${age}"
        ?disabled=${!this.ctx.connected || this.reading || lock.disabled}
        @click=${() => void this.#readNow(lock)}
      >
        ${
          this.reading
            ? html`<span
                class="spinner"
                role="status"
                aria-label=${words.t("locks.reading")}
              ></span>`
            : icon("refresh")
        }
      </button>
      <button
        class="icon-button more"
        aria-label=${words.t("common.more")}
        aria-haspopup="menu"
        popovertarget="menu"
      >
        ${icon("more")}
      </button>
      <div
        id="menu"
        popover
        role="menu"
        class="card"
        @toggle=${this.#menuToggled}
        @keydown=${this.#menuKeyed}
      >
        ${this.#menuItem(words.t("locks.integration"), () =>
          goTo(`/config/integrations/integration/${DOMAIN}`),
        )}
        ${
          lock.device_id
            ? this.#menuItem(words.t("locks.activity"), () =>
                goTo(`/logbook?device_id=${lock.device_id}`),
              )
            : nothing
        }
        ${this.#menuItem(words.t("locks.help"), () => void open(HELP, "_blank", "noreferrer"))}
      </div>`;
  }

  #ageOf(lock: Lock): string {
    const words = this.ctx.words;
    if (!lock.read_at) {
      return words.t("locks.never_read");
    }
    const readAt = Date.parse(lock.read_at);
    const now = Date.now();
    return now - readAt < 60_000
      ? words.t("locks.read_just_now")
      : words.t("locks.read_at", { age: words.age(readAt, now) });
  }

  #menuItem(label: string, act: () => void): TemplateResult {
    return html`<button
      role="menuitem"
      popovertarget="menu"
      popovertargetaction="hide"
      @click=${act}
    >
      ${label}
    </button>`;
  }

  #menuToggled(event: ToggleEvent): void {
    if (event.newState === "open") {
      (event.target as Element).querySelector("button")!.focus();
    }
  }

  /** Escape closes the menu by itself, but leaves the focus nowhere. */
  #menuKeyed(event: KeyboardEvent): void {
    const item = event.target as HTMLElement;
    const targets: Record<string, unknown> = {
      ArrowDown: item.nextElementSibling,
      ArrowUp: item.previousElementSibling,
      Escape: item.parentElement!.previousElementSibling,
    };
    (targets[event.key] as HTMLElement | null | undefined)?.focus();
  }

  async #readNow(lock: Lock): Promise<void> {
    const words = this.ctx.words;
    this.reading = true;
    try {
      await this.ctx.hass.callWS({ type: `${DOMAIN}/refresh`, lock_id: lock.lock_id });
      this.ctx.announce(words.t("locks.read_done", { lock: lock.name }));
    } catch (err) {
      this.ctx.announce((await actionError(this.ctx.hass, words, err)).message);
    } finally {
      this.reading = false;
    }
  }

  #find(text: string): void {
    this.fire("searched", text);
  }

  static override styles = [
    ...Element.styles,
    css`
      :host {
        position: sticky;
        top: 0;
        z-index: 4;
      }

      header {
        display: flex;
        align-items: center;
        gap: 4px;
        height: var(--header-height, 56px);
        padding-inline: 12px;
        color: var(--app-header-text-color, #fff);
        background: var(--app-header-background-color, var(--tlu-main));
        border-bottom: var(--app-header-border-bottom, none);
      }

      header .secondary {
        color: inherit;
        opacity: 0.8;
      }

      .title {
        flex: 1;
        min-width: 0;
        padding-inline-start: 8px;
      }

      h1 {
        font-size: 20px;
        line-height: 24px;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }

      header p {
        font-size: 13px;
        line-height: 16px;
        opacity: 0.8;
      }

      .search {
        display: flex;
        align-items: center;
        gap: 8px;
        flex: 0 1 320px;
        height: 40px;
        padding-inline: 12px 0;
        border-radius: 20px;
        background: color-mix(in srgb, currentColor 10%, transparent);
      }

      .search input {
        flex: 1;
        min-width: 0;
        height: 100%;
        font: inherit;
        font-size: 16px;
        color: inherit;
        background: none;
        border: none;
        outline: none;
      }

      .search:focus-within {
        outline: 2px solid currentColor;
      }

      .search input::placeholder {
        color: inherit;
        opacity: 0.75;
      }

      .search input::-webkit-search-cancel-button {
        display: none;
      }

      .search .icon-button {
        width: 40px;
        height: 40px;
      }

      .age {
        margin-inline-start: 8px;
        white-space: nowrap;
      }

      #menu {
        position: fixed;
        inset: var(--header-height, 56px) auto auto;
        inset-inline-end: 8px;
        min-width: 220px;
        padding: 8px;
        color: var(--tlu-text);
        box-shadow: 0 4px 16px rgb(0 0 0 / 25%);
      }

      [role="menuitem"] {
        display: block;
        width: 100%;
        min-height: 44px;
        padding: 8px 12px;
        border-radius: 8px;
        text-align: start;
        white-space: nowrap;
      }

      [role="menuitem"]:hover,
      [role="menuitem"]:focus-visible {
        background: var(--tlu-hover);
      }

      @media (max-width: 870px) {
        .age {
          display: none;
        }
      }

      @media (max-width: 600px) {
        header {
          padding-inline: 4px;
        }

        .search {
          flex: 1;
        }
      }
    `,
  ];
}
