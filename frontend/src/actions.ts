/** Actions of the integration, and the words for what they refuse. */

import { loadTexts, type Words } from "./words";
import { DOMAIN, type HomeAssistant, type Lock } from "./types";

/** Placeholders and key of a refusal; `message` is what people read. */
export class ActionError extends Error {
  constructor(
    message: string,
    readonly key: string | null,
  ) {
    super(message);
  }
}

interface Refusal {
  code?: unknown;
  message?: string;
  translation_domain?: string;
  translation_key?: string;
  translation_placeholders?: Record<string, string>;
  /** A lost connection has this shape. */
  error?: unknown;
}

/** The library's code of a connection that was lost while it waited. */
const CONNECTION_LOST = 3;

const refusalOf = (err: unknown): Refusal => (typeof err === "object" && err !== null ? err : {});

const isLost = (refusal: Refusal): boolean =>
  refusal.code === CONNECTION_LOST || refusalOf(refusal.error).code === CONNECTION_LOST;

export const actionError = async (
  hass: HomeAssistant,
  words: Words,
  err: unknown,
): Promise<ActionError> => {
  if (err instanceof ActionError) {
    return err;
  }
  const refusal = refusalOf(err);
  if (isLost(refusal)) {
    return new ActionError(words.t("errors.lost"), null);
  }
  const { translation_domain: domain, translation_key: key } = refusal;
  if (domain && key) {
    const localize = await loadTexts(hass, "exceptions", domain);
    const text = localize(
      `component.${domain}.exceptions.${key}.message`,
      refusal.translation_placeholders,
    );
    if (text) {
      return new ActionError(text, key);
    }
  }
  return new ActionError(
    refusal.message
      ? words.t("errors.failed", { message: refusal.message })
      : words.t("errors.unknown"),
    key ?? null,
  );
};

/**
 * Call an action for a lock, and return what it answers.
 *
 * Nothing is ever sent again: an order whose answer is lost may have been taken.
 */
export const call = async <Answer>(
  { hass, words }: { hass: HomeAssistant; words: Words },
  lock: Lock,
  action: string,
  fields: Record<string, unknown> = {},
): Promise<Answer> => {
  try {
    const { response } = await hass.callService(
      DOMAIN,
      action,
      { device_id: lock.device_id, ...fields },
      undefined,
      false,
      true,
    );
    return response as Answer;
  } catch (err) {
    throw await actionError(hass, words, err);
  }
};
