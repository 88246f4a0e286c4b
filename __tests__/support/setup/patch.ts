type Functions = Record<PropertyKey, unknown>;

/**
 * Puts another value in place of one that an object holds.
 * @returns puts the first one back: Node.js's own modules are shared by all test files of a worker.
 */
export function patch<T extends object>(target: T, name: keyof T, replace: (original: never) => unknown): () => void {
  const holder = target as Functions;
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original = holder[name];
  const replaced = replace(original as never);
  Object.defineProperty(target, name, { value: replaced, configurable: true, writable: true, enumerable: true });
  return () => {
    if (own === undefined) delete holder[name];
    else Object.defineProperty(target, name, own);
  };
}
