/**
 * Where a JSON text breaks off being JSON. Some of the engine's messages name no position: "Unexpected token" comes for
 * every text that includes the token and for none that ends before it, which halving finds in a few parses.
 * @param message what `JSON.parse` said of the text
 */
export function jsonErrorOffset(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (!isUnexpectedToken(message)) return text.length;
  let [before, including] = [0, text.length];
  while (including - before > 1) {
    const middle = (before + including) >> 1;
    if (endsPastUnexpectedToken(text.slice(0, middle))) including = middle;
    else before = middle;
  }
  return before;
}

function endsPastUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return isUnexpectedToken(String(error));
  }
}

function isUnexpectedToken(message: string): boolean {
  return message.includes("Unexpected token");
}
