import lit from "eslint-plugin-lit";
import litA11y from "eslint-plugin-lit-a11y";
import wc from "eslint-plugin-wc";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules"] },
  ...tseslint.configs.strictTypeChecked,
  lit.configs["flat/recommended"],
  wc.configs["flat/recommended"],
  {
    plugins: { "lit-a11y": litA11y },
    rules: litA11y.configs.recommended.rules,
  },
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
      "@typescript-eslint/no-non-null-assertion": "off",
      // Lit calls listeners with their element.
      "@typescript-eslint/unbound-method": "off",
      // The document makes elements of ours.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      // A dialog listens to keys of everything inside of it.
      "lit-a11y/click-events-have-key-events": "off",
    },
  },
);
