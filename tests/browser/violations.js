async () => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName.startsWith("tuya-lock-users-")) return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
  };
  const element = find(document);
  if (!element) throw new Error("The panel is not there");
  const { violations } = await axe.run(element, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .map(({ html, target }) => `${id}: ${html} ${JSON.stringify(target)}`)
      .filter((found) => !found.includes("ha-selector")));
}
