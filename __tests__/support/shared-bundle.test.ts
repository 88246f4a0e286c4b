import { madeOnce, shareBundles } from "./shared-bundle";

let remove: () => void;
const outer = process.env.OIDC_S3_TEST_BUNDLES;
beforeEach(() => {
  delete process.env.OIDC_S3_TEST_BUNDLES;
  remove = shareBundles();
});
afterEach(() => {
  remove();
  if (outer !== undefined) process.env.OIDC_S3_TEST_BUNDLES = outer;
});

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

it("is made once, whoever asks at the same time or later", async () => {
  const make = jest.fn(async () => Buffer.from("made"));
  const first = await Promise.all([1, 2, 3].map(() => madeOnce("x", make)));
  expect([...first, await madeOnce("x", make)].map(text)).toEqual(Array(4).fill("made"));
  expect(make).toHaveBeenCalledTimes(1);
  expect(text(await madeOnce("y", async () => Buffer.from("another")))).toBe("another");
});

it("where it cannot be made, each who asks is told why, and the next may try", async () => {
  const fails = () => Promise.reject(new Error("a syntax error"));
  await expect(madeOnce("x", fails)).rejects.toThrow("a syntax error");
  await expect(madeOnce("x", fails)).rejects.toThrow("a syntax error");
  expect(text(await madeOnce("x", async () => Buffer.from("made")))).toBe("made");
});
