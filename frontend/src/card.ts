/**
 * The card "Who can enter now", for everybody who may see the entities.
 *
 * It is made of states only: no subscription, nothing that only administrators see.
 */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { define, property, state } from "./define";
import { avatar, avatarStyles } from "./elements/avatar";
import { goTo, pathOf } from "./navigate";
import { shared } from "./styles";
import { ACCESS, DOMAIN, type Access, type DeviceEntry, type HomeAssistant } from "./types";
import { Words } from "./words";

const CARD = "tuya-lock-users-card";

/** Its own, so that no dashboard loads the icons of the panel. */
const CHEVRON = "M8.59,16.58L13.17,12L8.59,7.41L10,6L16,12L10,18L8.59,16.58Z";

/** Its name while no text is loaded. */
const CARD_NAME = "Who can enter now";

const SHOWN = ["all", "allowed", "limited"] as const;

interface Config {
  type: string;
  device_id?: string;
  title?: string;
  show?: (typeof SHOWN)[number];
}

interface Person {
  name: string;
  entityId: string;
  access: string;
  /** When access begins or ends next, and the end of it all; not a number where it does not. */
  change: number;
  until: number;
}

const ORDER: readonly string[] = ACCESS;

/** Home Assistant's page; neither the form nor the list of cards is given what it has. */
const page = (): { hass: HomeAssistant } | null =>
  document.querySelector<Element & { hass: HomeAssistant }>("home-assistant");

const isLock = (hass: HomeAssistant, device: DeviceEntry): boolean =>
  device.identifiers.some(([domain]) => domain === DOMAIN) &&
  Object.values(hass.devices).some((other) => other?.parent_device_id === device.id);

@define(CARD)
export class TuyaLockUsersCard extends LitElement {
  @property() hass!: HomeAssistant;

  @state() private config: Config | undefined;
  @state() private words: Words | undefined;

  static async getConfigForm(): Promise<unknown> {
    const words = await Words.load(() => page()!.hass);
    return {
      schema: [
        {
          name: "device_id",
          required: true,
          selector: {
            device: {
              filter: [{ integration: DOMAIN }],
              entity: [{ integration: DOMAIN, domain: "binary_sensor" }],
            },
          },
        },
        { name: "title", selector: { text: {} } },
        {
          name: "show",
          default: "all",
          selector: {
            select: {
              mode: "dropdown",
              options: SHOWN.map((value) => ({
                value,
                label: words.t(`card.show_${value}`),
              })),
            },
          },
        },
      ],
      computeLabel: ({ name }: { name: string }): string =>
        words.t(`card.${name === "device_id" ? "lock" : (name as "title" | "show")}`),
    };
  }

  static getStubConfig(hass: HomeAssistant): Partial<Config> {
    const lock = Object.values(hass.devices).find((device) => device && isLock(hass, device));
    return { device_id: lock?.id ?? "", show: "all" };
  }

  setConfig(config: Config): void {
    this.config = config;
  }

  getCardSize(): number {
    return 2 + this.#people().length;
  }

  getGridOptions(): Record<string, unknown> {
    return { columns: 12, min_columns: 4, rows: "auto" };
  }

  override shouldUpdate(changed: PropertyValues): boolean {
    const before = changed.get("hass") as HomeAssistant | undefined;
    if (changed.size > 1 || !before || !this.config) {
      return true;
    }
    return (
      before.devices !== this.hass.devices ||
      before.entities !== this.hass.entities ||
      before.locale !== this.hass.locale ||
      this.#people().some(({ entityId }) => before.states[entityId] !== this.hass.states[entityId])
    );
  }

  override willUpdate(): void {
    void Words.load(() => this.hass).then((words) => {
      this.words = words;
    });
  }

  override render(): TemplateResult | typeof nothing {
    const { words, config, hass } = this;
    if (!words || !config) {
      return nothing;
    }
    const lock = hass.devices[config.device_id ?? ""];
    const people = this.#people().filter(({ access, change, until }) =>
      config.show === "allowed"
        ? access === "allowed"
        : config.show !== "limited" || access !== "allowed" || change || until,
    );
    return html`<ha-card>
      <div class="head">
        <h2>
          <bdi>${config.title ?? lock?.name_by_user ?? lock?.name ?? words.t("card.name")}</bdi>
        </h2>
        ${
          lock && hass.user?.is_admin
            ? html`<button
                class="icon-button"
                aria-label=${words.t("card.open")}
                title=${words.t("card.open")}
                @click=${() => this.#openPanel(lock)}
              >
                <svg class="icon mirrored" viewBox="0 0 24 24" aria-hidden="true">
                  <path d=${CHEVRON}></path>
                </svg>
              </button>`
            : nothing
        }
      </div>
      ${
        lock && people.length
          ? html`<ul>
              ${people.map((person) => this.#renderPerson(words, person))}
            </ul>`
          : html`<p class="none secondary">
              ${words.t(
                lock ? (config.show === "allowed" ? "card.none" : "card.no_users") : "card.choose",
              )}
            </p>`
      }
    </ha-card>`;
  }

  #renderPerson(words: Words, person: Person): TemplateResult {
    const { name, entityId, access, change, until } = person;
    const isKnown = ORDER.includes(access);
    const isAllowed = access === "allowed";
    // The last second is shown, and not the midnight after it.
    const at = (isAllowed && !(until > change) && until) || change;
    return html`<li>
      <button
        class="person"
        @click=${() =>
          this.dispatchEvent(
            new CustomEvent("hass-more-info", {
              detail: { entityId },
              bubbles: true,
              composed: true,
            }),
          )}
      >
        ${avatar(name)}
        <span class="name"><bdi>${name}</bdi></span>
        <span class="state">
          <span class="dot ${access}"></span>
          <span>${words.t(isKnown ? `access.${access as Access}` : "access.unknown")}</span>
          ${
            at
              ? html`<span class="secondary">
                  ${words.t(isAllowed ? "access.until" : "access.from", {
                    time: words.moment(at, this.hass.config?.time_zone ?? "UTC", Date.now()),
                  })}
                </span>`
              : nothing
          }
        </span>
      </button>
    </li>`;
  }

  /** Users of the lock, those who may enter first. */
  #people(): Person[] {
    const { hass, config } = this;
    const people: Person[] = [];
    for (const entity of Object.values(hass.entities)) {
      const device = hass.devices[entity?.device_id ?? ""];
      if (
        entity?.platform === DOMAIN &&
        entity.translation_key === "access" &&
        !entity.hidden &&
        device?.parent_device_id &&
        device.parent_device_id === config?.device_id
      ) {
        const state = hass.states[entity.entity_id];
        people.push({
          name: device.name_by_user ?? device.name ?? entity.entity_id,
          entityId: entity.entity_id,
          access: state?.state ?? "unknown",
          change: Date.parse(String(state?.attributes.next_change)),
          until: this.#untilOf(device.id),
        });
      }
    }
    const rank = ({ access }: Person): number => {
      const at = ORDER.indexOf(access);
      return at < 0 ? ORDER.length : at;
    };
    return people.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  }

  /** The end of a user's schedule. In 2037 or later, it means that there is none. */
  #untilOf(deviceId: string): number {
    const { hass } = this;
    const entity = Object.values(hass.entities).find(
      (each) =>
        each?.device_id === deviceId &&
        each.platform === DOMAIN &&
        each.translation_key === "access_until",
    );
    const end = hass.states[entity?.entity_id ?? ""]?.state ?? "";
    return end < "2037" ? Date.parse(end) : NaN;
  }

  #openPanel(lock: DeviceEntry): void {
    const id = lock.identifiers.find(([domain]) => domain === DOMAIN)?.[1];
    goTo(id ? pathOf(id) : pathOf());
  }

  static override styles = [
    shared,
    avatarStyles,
    css`
      ha-card {
        height: 100%;
        padding-bottom: 8px;
        overflow: hidden;
        container-type: inline-size;
      }

      .head {
        display: flex;
        align-items: center;
        min-height: 56px;
        padding-block: 8px;
        padding-inline: 16px 4px;
      }

      h2 {
        flex: 1;
        min-width: 0;
        font-size: 18px;
        line-height: 24px;
        overflow-wrap: anywhere;
      }

      .person {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 52px;
        padding: 4px 16px;
        text-align: start;
      }

      .person:hover {
        background: var(--tlu-hover);
      }

      .person:focus-visible {
        outline-offset: -3px;
      }

      .name {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }

      .state {
        display: grid;
        grid-template-columns: 1fr auto;
        align-items: center;
        gap: 0 8px;
        max-width: 50%;
      }

      .dot {
        justify-self: end;
      }

      .state .secondary {
        grid-column: span 2;
        text-align: end;
      }

      /* Beside its state, a name would have no room. */
      @container (max-width: 400px) {
        .person {
          display: grid;
          grid-template-columns: auto minmax(0, 1fr);
          column-gap: 12px;
          row-gap: 0;
        }

        .avatar {
          grid-row: span 2;
        }

        .state {
          display: block;
          grid-column: 2;
          max-width: none;
          padding-inline-start: 18px;
        }

        .state .secondary {
          display: inline-block;
        }

        .dot {
          margin-inline: -18px 4px;
        }
      }

      @container (max-width: 180px) {
        .avatar {
          display: none;
        }

        .state {
          grid-column: 1 / span 2;
        }
      }

      .none {
        padding: 8px 16px 16px;
      }
    `,
  ];
}

interface CustomCard {
  type: string;
  readonly name: string;
  description: string;
  preview: boolean;
  documentationURL: string;
}

const cards = ((window as { customCards?: CustomCard[] }).customCards ??= []);
if (!cards.some(({ type }) => type === CARD)) {
  cards.push({
    type: CARD,
    get name() {
      return page()?.hass.localize(`component.${DOMAIN}.config_panel.card.name`) || CARD_NAME;
    },
    description: "Shows who can open a Tuya smart lock at the moment.",
    preview: true,
    documentationURL: "https://github.com/tuya-lock-users/tuya-lock-users/blob/main/docs/panel.md",
  });
}
