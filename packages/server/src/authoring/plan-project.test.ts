import { describe, expect, test } from "bun:test";
import { planProject } from "./plan-project.ts";
import { projectSchema } from "./project-file.ts";

const KIT = {
  "python/template": {
    "pyproject.toml.tmpl":
      'name = "{{id}}" # {{unknown}}\n# {{#page}}\nbundle = "{{bundle}}"\n# {{/page}}\n# {{#react}}\nbuild = "react"\n# {{/react}}\nmodule = "{{ident}}"\n',
    "_gitignore.tmpl": "dist/\n",
    "src/{{ident}}/__main__.py.tmpl": '"""{{title}}"""\n',
  },
  "python/sdk": { "src/toru_plugin/__init__.py": "{{id}} stays\n" },
  "typescript/template": { "package.json.tmpl": '{"name": "{{id}}"}\n' },
  "typescript/sdk": { "package.json": "{}\n" },
  "rust/template": { "Cargo.toml.tmpl": 'name = "{{id}}"\n' },
  "rust/sdk": { "Cargo.toml": "\n" },
  "page/template-react": { "src/page.tsx.tmpl": "<div style={{ color }}>{{title}}</div>\n" },
  "page/template-plain": { "bundle.js.tmpl": 'window.ToruPlugins["{{id}}"] = {};\n' },
  "page/sdk": { "src/index.ts": "\n" },
};

function plan(
  name: string,
  page: "react" | "plain" | null = null,
  language: "python" | "typescript" | "rust" = "python",
) {
  return Object.fromEntries(planProject(KIT, { name, language, page }));
}

describe("planProject", () => {
  test("names are filled in, in paths too; the SDK comes along untouched", () => {
    const files = plan("my-plugin");
    expect(Object.keys(files).sort()).toEqual([
      ".gitignore",
      "pyproject.toml",
      "src/my_plugin/__main__.py",
      "toru.json",
      "vendor/toru-plugin/src/toru_plugin/__init__.py",
    ]);
    expect(files["pyproject.toml"]).toBe('name = "my-plugin" # {{unknown}}\nmodule = "my_plugin"\n');
    expect(files["src/my_plugin/__main__.py"]).toBe('"""My plugin"""\n');
    expect(files["vendor/toru-plugin/src/toru_plugin/__init__.py"]).toBe("{{id}} stays\n");
  });

  test("a page brings its files and what belongs to it", () => {
    const plain = plan("my-plugin", "plain");
    expect(plain["pyproject.toml"]).toContain('bundle = "page/bundle.js"\n');
    expect(plain["pyproject.toml"]).not.toContain("react");
    expect(plain["page/bundle.js"]).toBe('window.ToruPlugins["my-plugin"] = {};\n');
    const react = plan("my-plugin", "react");
    expect(react["pyproject.toml"]).toContain('bundle = "page/dist/bundle.js"\nbuild = "react"\n');
    expect(react["page/src/page.tsx"]).toBe("<div style={{ color }}>My plugin</div>\n");
    expect(react).toHaveProperty(["vendor/toru-page/src/index.ts"]);
  });

  test.each(["python", "typescript", "rust"] as const)(
    "toru.json of %s is valid, with each kind of page",
    (language) => {
      for (const page of [null, "plain", "react"] as const) {
        const project = projectSchema.parse(JSON.parse(plan("my-plugin", page, language)["toru.json"] ?? ""));
        expect([project.id, project.output.includes("my-plugin")]).toEqual(["my-plugin", true]);
        expect(project.steps).toHaveLength(page === "react" ? 2 : 1);
        expect(JSON.stringify(project)).not.toContain("{{");
      }
    },
  );

  test.each(["My-Plugin", "1st", "a--b", "-a", "a-", "a_b", "", "a".repeat(65)])(
    "the name %p is refused in words",
    (name) => {
      expect(() => plan(name)).toThrow("lower-case letters, digits and single hyphens");
    },
  );

  test.each(["route", "test", "class", "fn"])("the name %p is reserved", (name) => {
    expect(() => plan(name)).toThrow(`choose another name, for example "my-${name}"`);
  });
});
