import { css } from "lit";

/** What every element shares; colors and shapes are Home Assistant's. */
export const shared = css`
  :host {
    display: block;
    --tlu-text: var(--primary-text-color, #141414);
    --tlu-second: var(--secondary-text-color, #5e5e5e);
    --tlu-main: var(--primary-color, #009ac7);
    --tlu-error: var(--error-color, #db4437);
    --tlu-warning: var(--warning-color, #ffa600);
    --tlu-success: var(--success-color, #43a047);
    --tlu-radius: var(--ha-card-border-radius, var(--ha-border-radius-lg, 12px));
    --tlu-tint: color-mix(in srgb, var(--tlu-main) 14%, transparent);
    --tlu-hover: color-mix(in srgb, var(--tlu-text) 5%, transparent);
    --tlu-card: var(--ha-card-background, var(--card-background-color, #fff));
    --tlu-line: var(--ha-card-border-color, var(--divider-color, #e0e0e0));
    --tlu-accent-text: color-mix(in srgb, var(--tlu-main) 62%, var(--tlu-text));
    --tlu-danger-text: color-mix(in srgb, var(--tlu-error) 58%, var(--tlu-text));
    color: var(--tlu-text);
    font-family: var(--ha-font-family-body, Roboto, Noto, sans-serif);
    font-size: 14px;
    line-height: 20px;
    -webkit-font-smoothing: antialiased;
  }

  [hidden] {
    display: none !important;
  }

  * {
    box-sizing: border-box;
  }

  h1,
  h2,
  h3,
  p,
  ul {
    margin: 0;
    padding: 0;
    font-weight: inherit;
    font-size: inherit;
  }

  ul {
    list-style: none;
  }

  section > h2,
  .head h2 {
    font-size: 20px;
    line-height: 28px;
  }

  h3,
  h4,
  strong {
    margin: 0;
    font-size: 16px;
    line-height: 24px;
    font-weight: 500;
  }

  .icon {
    flex: none;
    width: 24px;
    height: 24px;
    fill: currentColor;
  }

  .icon.small {
    width: 18px;
    height: 18px;
  }

  :host([dir="rtl"]) .icon.mirrored,
  [dir="rtl"] .icon.mirrored,
  .icon.mirrored:dir(rtl) {
    transform: scaleX(-1);
  }

  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .secondary {
    color: var(--tlu-second);
  }

  button,
  a.button {
    font: inherit;
    color: inherit;
    background: none;
    border: none;
    margin: 0;
    padding: 0;
    cursor: pointer;
    text-decoration: none;
    -webkit-tap-highlight-color: transparent;
  }

  :focus-visible {
    outline: 2px solid var(--tlu-main);
    outline-offset: 2px;
  }

  button.button,
  a.button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 40px;
    padding: 4px 16px;
    border-radius: var(--ha-border-radius-pill, 9999px);
    font-weight: 500;
    text-align: center;
    transition: background-color 120ms;
  }

  .button.plain {
    padding-inline: 12px;
    color: var(--tlu-accent-text);
  }

  /* Its label starts where other text does. */
  .button.flush {
    margin-inline-start: -12px;
  }

  .button.tonal {
    color: var(--tlu-accent-text);
    background: var(--tlu-tint);
  }

  .button.filled {
    /* Not the primary color itself: white on it has too little contrast in most themes. */
    color: var(--card-background-color, #fff);
    background: var(--tlu-accent-text);
  }

  .button.danger {
    color: var(--tlu-danger-text);
  }

  .button.danger.tonal {
    background: color-mix(in srgb, var(--tlu-error) 12%, transparent);
  }

  .button.danger.filled {
    color: var(--card-background-color, #fff);
    background: var(--tlu-danger-text);
  }

  @media (hover: hover) {
    .button.plain:hover,
    .icon-button:hover {
      background: var(--tlu-hover);
    }

    .button.tonal:hover,
    .button.filled:hover {
      filter: brightness(0.95);
    }
  }

  .icon-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    width: 44px;
    height: 44px;
    border-radius: 50%;
    color: inherit;
  }

  button:disabled,
  button[aria-disabled="true"] {
    opacity: 0.5;
    cursor: default;
  }

  .card {
    background: var(--tlu-card);
    border: var(--ha-card-border-width, 1px) solid var(--tlu-line);
    border-radius: var(--tlu-radius);
    box-shadow: var(--ha-card-box-shadow, none);
  }

  .chip {
    /* Holds its text for screen readers, which would widen the page otherwise. */
    position: relative;
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 36px;
    padding: 0 12px;
    border: 1px solid var(--tlu-line);
    border-radius: var(--ha-border-radius-md, 8px);
    font-weight: 500;
    white-space: nowrap;
    background: none;
  }

  .chip[aria-pressed="true"],
  .chip[aria-current="true"],
  .chip[aria-checked="true"] {
    background: var(--tlu-tint);
    border-color: transparent;
  }

  @media (pointer: coarse) {
    .chip {
      min-height: 44px;
    }
  }

  .segments {
    display: inline-flex;
    align-self: flex-start;
    padding: 2px;
    border-radius: var(--ha-border-radius-pill, 9999px);
    background: color-mix(in srgb, var(--tlu-text) 7%, transparent);
  }

  .segments .chip {
    min-height: 40px;
    padding: 0 20px;
    border: none;
    border-radius: inherit;
  }

  .segments .chip[aria-checked="true"] {
    background: color-mix(in srgb, var(--tlu-main) 24%, var(--tlu-card));
  }

  .note {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 12px;
    padding: 8px 16px;
    border-radius: var(--tlu-radius);
    background: color-mix(in srgb, var(--note-color, var(--info-color, #039be5)) 12%, transparent);
  }

  .note > .icon {
    color: var(--note-color, var(--info-color, #039be5));
  }

  .note > .text {
    flex: 1 1 180px;
    min-width: 0;
    padding-block: 6px;
    overflow-wrap: anywhere;
  }

  .note.warning {
    --note-color: var(--tlu-warning);
  }

  .note.error {
    --note-color: var(--tlu-error);
  }

  .dot {
    flex: none;
    display: inline-block;
    width: 10px;
    height: 10px;
    border-radius: 50%;
    background: var(--disabled-text-color, #9b9b9b);
  }

  .dot.allowed {
    background: var(--tlu-success);
  }

  .dot.outside_hours,
  .dot.not_started {
    background: var(--tlu-warning);
  }

  .dot.suspended,
  .dot.expired {
    background: var(--tlu-error);
  }

  .spinner {
    flex: none;
    display: inline-block;
    width: 20px;
    height: 20px;
    border-radius: 50%;
    border: 2px solid currentColor;
    border-inline-end-color: transparent;
    animation: turn 900ms linear infinite;
  }

  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }

  .input {
    min-height: 44px;
    padding: 8px 12px;
    font: inherit;
    color: inherit;
    background: var(--ha-color-form-background, var(--secondary-background-color, #0000000d));
    border: 1px solid var(--tlu-line);
    border-radius: 8px;
  }

  /* Rows of a list in a card */
  .card > li {
    display: flex;
    align-items: center;
    gap: 4px 16px;
    min-height: 56px;
    padding: 8px 16px;
  }

  .button > .spinner {
    width: 18px;
    height: 18px;
  }

  .waiting {
    position: relative;
  }

  .waiting > .spinner {
    position: absolute;
    inset: 0;
    margin: auto;
  }

  .waiting > .spinner + span {
    opacity: 0;
  }

  .card > li > .spinner {
    width: 24px;
    height: 24px;
  }

  .card > li + li {
    border-top: 1px solid var(--tlu-line);
  }

  .form {
    display: flex;
    flex-direction: column;
    align-items: stretch;
    gap: 16px;
  }

  .form > .button,
  .form > .segments {
    align-self: flex-start;
  }

  .stack {
    display: flex;
    flex-direction: column;
    gap: 12px;
  }

  .actions,
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }

  .between {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
  }

  .problem {
    color: var(--tlu-danger-text);
  }

  /* What something is, and below it what there is to say of it */
  .what {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
    overflow-wrap: anywhere;
  }

  /* A name in another direction starts where the others start */
  .what > .name {
    align-self: start;
  }

  .name {
    font-size: 16px;
    line-height: 24px;
  }

  .mark {
    display: inline-flex;
    align-items: center;
    gap: 2px;
  }

  .badge {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 0 8px;
    border-radius: 10px;
    font-size: 12px;
    line-height: 20px;
    background: color-mix(in srgb, var(--tlu-text) 9%, transparent);
  }

  .delivery,
  .zone {
    display: flex;
    align-items: center;
    gap: 8px;
  }

  .zone {
    margin-top: 8px;
  }

  .delivery .spinner {
    width: 14px;
    height: 14px;
  }

  .failed > .icon {
    color: var(--tlu-error);
  }

  .pick {
    display: flex;
    align-items: center;
    gap: 16px;
    width: 100%;
    min-height: 56px;
    padding-inline: 8px;
    border-radius: 12px;
    text-align: start;
    font-size: 16px;
  }

  .pick:hover {
    background: var(--tlu-hover);
  }

  .turning {
    transform: rotate(90deg);
    transition: transform 120ms;
  }

  [aria-expanded="true"] .turning {
    transform: rotate(-90deg);
  }

  .empty {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 8px;
    padding: 48px 24px;
    text-align: center;
    color: var(--tlu-second);
  }

  .empty > .icon {
    width: 48px;
    height: 48px;
    opacity: 0.5;
  }

  .empty > h2 {
    color: var(--tlu-text);
    font-size: 18px;
    line-height: 28px;
  }

  .switch {
    text-align: start;
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 44px;
  }

  .track {
    flex: none;
    width: 40px;
    height: 22px;
    padding: 2px;
    border-radius: 11px;
    border: 1px solid var(--tlu-second);
    transition: background-color 120ms;
  }

  .track::before {
    content: "";
    display: block;
    width: 16px;
    height: 16px;
    border-radius: 50%;
    background: var(--tlu-second);
    transition: margin 120ms;
  }

  .switch[aria-checked="true"] .track {
    background: var(--tlu-main);
    border-color: var(--tlu-main);
  }

  .switch[aria-checked="true"] .track::before {
    margin-inline-start: 18px;
    background: #fff;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    ::backdrop {
      transition: none !important;
      animation: none !important;
    }

    .spinner {
      animation: turn 3s linear infinite !important;
    }
  }

  /* Where the system has the colors, lines say what tints say elsewhere. */
  @media (forced-colors: active) {
    .button,
    .note,
    .badge,
    .avatar,
    .segments,
    .now {
      border: 1px solid;
    }

    .chip,
    .day {
      &[aria-pressed="true"],
      &[aria-current="true"],
      &[aria-checked="true"] {
        outline: 2px solid Highlight;
      }
    }

    .track::before {
      box-sizing: border-box;
      border: 8px solid;
    }

    .dot {
      forced-color-adjust: none;
    }
  }
`;
