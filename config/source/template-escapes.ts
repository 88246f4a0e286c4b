// `${` and `%{` begin an expression unless the sign is doubled: https://developer.hashicorp.com/terraform/language/expressions/strings
const EXPRESSION = /(?<!\$)\$\{|(?<!%)%\{/;
const ESCAPE = /\$\$\{|%%\{/g;

/** Whether a string, as the HCL parser renders it, holds an expression that it could not evaluate. */
export function holdsExpression(rendered: string): boolean {
  return EXPRESSION.test(rendered);
}

/** The literal text of a string that holds no expression: `$${x}` stands for `${x}`. */
export function unescapeTemplate(rendered: string): string {
  return rendered.replace(ESCAPE, (doubled) => doubled.slice(1));
}
