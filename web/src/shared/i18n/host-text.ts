type Phrases = Readonly<Record<string, string>>;

/** A text of the host may hold another one, and that a third; deeper ones stay as they are. */
const MAX_DEPTH = 4;

/** Says in `wanted` what the host says in the phrases of `spoken`. What no phrase fits, such as what a plugin printed, stays. */
export function hostTranslator(spoken: Phrases, wanted: Phrases): (text: string) => string {
  if (spoken === wanted) return (text) => text;
  const known = Object.entries(spoken).map(([key, phrase]) => ({ pattern: patternOf(phrase), wanted: wanted[key] }));
  const translate = (text: string, depth: number): string => {
    if (depth > MAX_DEPTH) return text;
    for (const { pattern, wanted } of known) {
      const values = pattern.exec(text);
      if (values === null || wanted === undefined) continue;
      return wanted.replaceAll(/\{(\w+)\}/g, (_, name: string) => part(name, values.groups?.[name] ?? "", depth + 1));
    }
    return text;
  };
  const part = (name: string, value: string, depth: number) =>
    name === "problems" ? listOf(value, (piece) => translate(piece, depth)) : translate(value, depth);
  return (text) => translate(text, 0);
}

/** Of "name: is missing; icon: must be …" what follows each field, or the whole piece. */
function listOf(problems: string, translate: (piece: string) => string): string {
  const pieces = problems.split("; ").map((piece) => {
    const { field = "", problem = "" } = /^(?<field>[\w.]+: )?(?<problem>.*)$/s.exec(piece)?.groups ?? {};
    return field + translate(problem);
  });
  return pieces.join("; ");
}

/** Finds the texts that a phrase stands for, and what its names stand for. */
function patternOf(phrase: string): RegExp {
  const parts = phrase.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) : `(?<${name}>.+?)`;
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

/** The host's texts are parts of sentences. */
export function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
