// What no test uses of the modules below, and what takes a good part of the time to load or run them.

// cdktf notes for each construct and token where it was made. Under jest, where every stack trace goes through source
// maps, that takes two thirds of a synthesis.
jest.mock("cdktf/lib/tokens/private/stack-trace", () => ({ captureStackTrace: () => [] }));

// Loads what makes ZIP files, for assets that are folders. It is there as soon as it is asked for.
jest.mock("cdktf/lib/private/fs", () => {
  const file = () => jest.requireActual("cdktf/lib/private/fs");
  return new Proxy({}, { get: (_, name) => file()[name], has: (_, name) => name in file() });
});

// Its messages in fifty languages; English is another file.
jest.mock("zod/v4/locales", () => ({}));
