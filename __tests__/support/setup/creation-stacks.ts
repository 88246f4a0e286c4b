// cdktf notes for each construct and token where it was made, which no test reads. Under jest, where every stack trace
// goes through source maps, that takes two thirds of a synthesis.
jest.mock("cdktf/lib/tokens/private/stack-trace", () => ({ captureStackTrace: () => [] }));
