import { css, html, type TemplateResult } from "lit";

/** Initials in a circle: no picture is fetched from anywhere. */
export const avatar = (name: string): TemplateResult => {
  const names = name.trim().split(/\s+/);
  const letters = [names[0], names.length > 1 ? names.at(-1) : ""]
    .map((each) => Array.from(each ?? "")[0] ?? "")
    .join("")
    .toUpperCase();
  let hue = 0;
  for (const letter of name) {
    hue = (hue * 31 + letter.codePointAt(0)!) % 360;
  }
  return html`<span class="avatar" style="--hue: ${hue}" aria-hidden="true">${letters}</span>`;
};

export const avatarStyles = css`
  .avatar {
    flex: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    width: 40px;
    height: 40px;
    border-radius: 50%;
    font-weight: 500;
    font-size: 15px;
    background: color-mix(in srgb, hsl(var(--hue) 60% 50%) 24%, transparent);
  }
`;
