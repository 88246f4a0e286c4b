import { proxyFor } from "../../../client/network/network-settings";

const PROXY = "http://proxy.lan:3128";
const proxied = (url: string, noProxy?: string, httpsProxy: string | undefined = PROXY) =>
  proxyFor(new URL(url), { httpsProxy, noProxy });

it.each([
  ["https://api.example.com/", undefined, PROXY],
  ["https://api.example.com/", "", PROXY],
  ["https://api.example.com/", "*", undefined],
  ["https://api.example.com/", "example.com", undefined],
  ["https://api.example.com/", ".example.com", undefined],
  ["https://api.example.com/", "*.example.com", undefined],
  ["https://api.example.com/", "API.EXAMPLE.COM", undefined],
  ["https://api.example.com/", "ample.com", PROXY],
  ["https://notexample.com/", "example.com", PROXY],
  ["https://api.example.com/", "a.lan, example.com:443", undefined],
  ["https://api.example.com/", "example.com:8443", PROXY],
  ["https://api.example.com:8443/", "example.com:8443 b.lan", undefined],
  ["https://127.0.0.1:9/", undefined, undefined],
  ["http://localhost/", undefined, undefined],
])("%s with NO_PROXY=%s", (url, noProxy, expected) => {
  expect(proxied(url, noProxy)).toBe(expected);
});

it("a proxy without a scheme is http", () => {
  expect(proxied("https://a.example/", "", "proxy:8080")).toBe("http://proxy:8080");
});

it("no proxy where none is set", () => {
  expect(proxyFor(new URL("https://a.example/"), {})).toBeUndefined();
});
