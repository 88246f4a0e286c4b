/** The items in the order of a text that each has, whatever order a file has them in: no plan then shows a mere move. */
export function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
