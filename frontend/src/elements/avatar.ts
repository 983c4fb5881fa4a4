import { html, type TemplateResult } from "lit";

/** Initials in a circle: no picture is fetched from anywhere. */
export const avatar = (name: string): TemplateResult => {
  const names = name.trim().split(/\s+/);
  const letters = [names[0], names.length > 1 ? names.at(-1) : ""]
    .map((each) => [...(each ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
  let hue = 0;
  for (const letter of name) {
    hue = (hue * 31 + letter.codePointAt(0)!) % 360;
  }
  return html`<span class="avatar" style="--hue: ${hue}" aria-hidden="true">${letters}</span>`;
};
