type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
export type CamelKeys<T> = { readonly [K in keyof T & string as Camel<K>]: T[K] };

/** `s3_path_prefix` → `s3PathPrefix`, for the keys of this object alone: what lies deeper may be users' own names. */
export function camelKeys<T extends object>(object: T): CamelKeys<T> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as CamelKeys<T>;
}
