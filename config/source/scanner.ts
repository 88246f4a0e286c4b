import { holdsExpression, unescapeTemplate } from "./values";

export interface ScannedKey {
  readonly name: string;
  readonly offset: number;
}

/** Steps through HCL or JSON that a parser has already accepted: strings, templates, comments and brackets only. */
export class Scanner {
  private at = 0;

  /** `templates`: whether `${` begins an expression, as in HCL; in a JSON variable file it is only text. */
  constructor(
    private readonly text: string,
    private readonly templates: boolean,
  ) {}

  /** The next argument or block of a file's top level, past its `=`; a block is passed over whole. */
  nextBodyItem(): (ScannedKey & { readonly isBlock: boolean }) | undefined {
    this.skipBlank();
    if (this.atEnd()) return undefined;
    const offset = this.at;
    const name = this.match(/[^\s={"]+/y) ?? this.text.charAt(this.at++);
    this.skipSpaces();
    if (this.text[this.at] === "=") {
      this.at++;
      return { name, offset, isBlock: false };
    }
    this.skipExpression();
    return { name, offset, isBlock: true };
  }

  /** Steps into `{ … }`, unless it is a `for` expression. */
  entersObject(): boolean {
    this.skipBlank();
    if (this.text[this.at] !== "{" || this.matches(/\{\s*for\s/y)) return false;
    this.at++;
    return true;
  }

  /** The next key of an object, past its `=` or `:`; undefined past the closing brace. */
  nextObjectKey(): ScannedKey | undefined {
    for (;;) {
      this.match(/,/y);
      this.skipBlank();
      if (this.match(/[,}]/y) === "}" || this.atEnd()) return undefined;
      this.skipBlank();
      const offset = this.at;
      const name = this.objectKey();
      this.skipBlank();
      if (this.match(/[=:]/y) !== undefined && name !== undefined) return { name, offset };
      if (this.at === offset) this.at++;
    }
  }

  /** Steps over an expression, or what is left of one, to the line end, comma or closing bracket that ends it. */
  skipExpression(): void {
    for (let depth = 0; !this.atEnd(); ) {
      const character = this.text.charAt(this.at);
      if (character === '"') this.skipString();
      else if (this.skipComment() || this.skipHeredoc()) continue;
      else if (depth === 0 && /[\n,}\])]/.test(character)) return;
      else {
        if ("{[(".includes(character)) depth++;
        if ("}])".includes(character)) depth--;
        this.at++;
      }
    }
  }

  skipBlank(): void {
    do this.match(/\s+/y);
    while (this.skipComment());
  }

  private skipSpaces(): void {
    do this.match(/[^\S\n]+/y);
    while (this.matches(/\/\*/y) && this.skipComment());
  }

  private skipComment(): boolean {
    return this.match(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//y) !== undefined;
  }

  private skipHeredoc(): boolean {
    const opening = this.match(/<<-?[^\s<]+[^\n]*\n/y);
    if (opening === undefined) return false;
    const marker = opening.replace(/^<<-?/, "").trim();
    for (let line = this.match(/[^\n]*/y); line?.trim() !== marker && !this.atEnd(); line = this.match(/[^\n]*/y)) {
      this.at++;
    }
    return true;
  }

  private objectKey(): string | undefined {
    const offset = this.at;
    if (this.text[this.at] === '"') {
      this.skipString();
      return decodeString(this.text.slice(offset, this.at), this.templates);
    }
    if (this.text[this.at] === "(") {
      this.skipParentheses();
      return keyInParentheses(this.text.slice(offset, this.at));
    }
    return this.match(/[^\s=:,}]+/y);
  }

  /** Past the closing one; line ends count for nothing inside. */
  private skipParentheses(): void {
    for (let depth = 0; !this.atEnd(); ) {
      const character = this.text.charAt(this.at);
      if (character === '"') {
        this.skipString();
        continue;
      }
      if (this.skipComment()) continue;
      if (character === "(") depth++;
      if (character === ")") depth--;
      this.at++;
      if (depth === 0) return;
    }
  }

  private skipString(): void {
    for (this.at++; !this.atEnd(); ) {
      if (this.match(/"/y) !== undefined) return;
      if (this.match(/[^"\\$%]+|\\[\s\S]|\$\$\{|%%\{/y) !== undefined) continue;
      if (this.templates && this.match(/[$%]\{/y) !== undefined) this.skipTemplate();
      else this.at++;
    }
  }

  private skipTemplate(): void {
    for (let depth = 1; depth > 0 && !this.atEnd(); ) {
      const character = this.text.charAt(this.at);
      if (character === '"') {
        this.skipString();
        continue;
      }
      if (character === "{") depth++;
      if (character === "}") depth--;
      this.at++;
    }
  }

  private atEnd(): boolean {
    return this.at >= this.text.length;
  }

  private matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}

/** `("a")` is the name a; any other key in parentheses is named as the parser renders it, and is reported as such. */
export function keyInParentheses(source: string): string {
  const inside = /^[(\s]*("(?:[^"\\]|\\.)*")[)\s]*$/s.exec(source)?.[1];
  return inside === undefined || holdsExpression(inside) ? `\${${source}}` : decodeString(inside, true);
}

function decodeString(quoted: string, templates: boolean): string {
  try {
    const name: string = JSON.parse(quoted);
    return templates ? unescapeTemplate(name) : name;
  } catch {
    return quoted.slice(1, -1);
  }
}
