import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { listenForCallback } from "../../../client/user/browser/callback-server";
import { openBrowser } from "../../../client/user/browser/open-browser";
import { readSession } from "../../../client/user/session/session";
import { userFixture } from "../support/user-fixture";

const fixture = userFixture();
let callback: string;
let other: string;

/** Ports that are free now. */
beforeEach(async () => {
  const servers = await Promise.all([listening(), listening()]);
  [callback, other] = servers.map(
    (server) => `http://localhost:${(server.address() as AddressInfo).port}/callback`,
  ) as [string, string];
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  fixture.user.configure({ domain: fixture.user.cognito.origin, callback_urls: [callback, other] });
});

async function listening(port = 0): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

interface Sent {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a browser, or something that pretends to be one, sends to an address of this machine. */
function send(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Sent> {
  const { port, host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      path: pathname + search,
      method,
      headers: { host, ...headers },
      agent: false,
    };
    request(options, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });
}

/** A browser in which Ann signs in; what it sends before, and with which code and state it comes back. */
function browser(
  before: (address: URL) => Promise<unknown> = async () => {},
  back: Record<string, string> = { code: "c0de" },
) {
  const { user } = fixture;
  return async (url: string): Promise<void> => {
    const address = new URL(url);
    user.opened.push(url);
    const { state = "", nonce = "", redirect_uri = "" } = Object.fromEntries(address.searchParams);
    user.cognito.claims = { nonce, ...user.cognito.claims };
    await before(address);
    const answer = await send(`${redirect_uri}?${new URLSearchParams({ ...back, state: back.state ?? state })}`);
    user.shown.push(`${answer.status} ${answer.body}`);
  };
}

const login = (open: (url: string) => Promise<void>) => {
  const opened: Promise<void>[] = [];
  const ended = fixture.user.login({ userName: undefined, open: (url) => void opened.push(open(url)) });
  return ended.finally(() => Promise.all(opened));
};

describe("a sign-in in the browser", () => {
  it("goes by code, PKCE, state and nonce, and gives a session", async () => {
    const { user } = fixture;
    await login(browser());
    const asked = Object.fromEntries(new URL(user.opened[0] ?? "").searchParams);
    expect(asked).toMatchObject({ response_type: "code", redirect_uri: callback, code_challenge_method: "S256" });
    const token = user.cognito.requests.find(({ operation }) => operation === "token")?.input ?? {};
    expect(token).toMatchObject({ grant_type: "authorization_code", code: "c0de", redirect_uri: callback });
    expect(createHash("sha256").update(String(token.code_verifier)).digest("base64url")).toBe(asked.code_challenge);
    expect(user.opened[0]).not.toContain(String(token.code_verifier));
    expect(user.said.join()).toContain(user.opened[0]);
    expect(user.shown[0]).toMatch(/^200 .*Signed in/);
    expect(readSession(user.settings())).toBeDefined();
    await expect(send(callback)).rejects.toThrow("ECONNREFUSED");
  });

  it("lets nothing through that is not the browser that was sent", async () => {
    const statuses: unknown[] = [];
    await login(
      browser(async ({ searchParams }) => {
        const right = `${callback}?code=evil&state=${searchParams.get("state")}`;
        for (const [url, headers, method] of [
          [right, { host: "evil.example.com" }],
          [right, { host: callback.replace("http://localhost", "127.0.0.1").replace("/callback", "") }],
          [right, { origin: "https://evil.example.com" }],
          [right, { origin: "null" }],
          [right, { "sec-fetch-mode": "no-cors" }],
          [right, {}, "POST"],
          [right.replace("/callback", "/other"), {}],
          [`${callback}?code=evil&state=wrong`, {}],
          [`${callback}?code=evil`, {}],
        ] as [string, Record<string, string>, string?][]) {
          const answer = await send(url, headers, method);
          statuses.push(answer.status);
          expect(answer.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
          expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
        }
      }),
    );
    expect(statuses).toEqual([421, 421, 403, 403, 403, 405, 404, 400, 400]);
    const codes = fixture.user.cognito.requests
      .filter(({ operation }) => operation === "token")
      .map(({ input }) => input.code);
    expect(codes).toEqual(["c0de"]);
  });

  it("takes the next port where the first is in use", async () => {
    const busy = await listening(Number(new URL(callback).port));
    await login(browser());
    expect(new URL(fixture.user.opened[0] ?? "").searchParams.get("redirect_uri")).toBe(other);
    const taken = await listening(Number(new URL(other).port));
    await expect(login(browser())).rejects.toMatchObject({ code: "no_callback_port", exitCode: 6 });
    busy.close();
    taken.close();
  });

  it("takes no ID token that answers another request", async () => {
    fixture.user.cognito.claims = { nonce: "of another" };
    await expect(login(browser())).rejects.toMatchObject({
      code: "bad_id_token",
      message: expect.stringContaining("nonce"),
    });
    expect(readSession(fixture.user.settings())).toBeUndefined();
  });

  it("says why the sign-in page refused, with nothing that drives a terminal", async () => {
    const back = { error: "access_denied", error_description: "no\u001b[31m" };
    await expect(login(browser(undefined, back))).rejects.toMatchObject({
      message: "the sign-in was refused (access_denied): no\\x1b[31m",
      exitCode: 4,
    });
  });

  it.each([
    [{ status: 400, body: { error: "invalid_grant" } }, "refused the code (invalid_grant)", 4],
    [{ status: 503, body: "<html>" }, "cannot serve now", 5],
    [{ status: 200, body: { access_token: "a" } }, "not all of ID, access and refresh token", 5],
  ])("says what is wrong with the token endpoint's answer: %j", async (reply, words, exitCode) => {
    fixture.user.cognito.answers.set("token", () => reply);
    await expect(login(browser())).rejects.toMatchObject({ message: expect.stringContaining(words), exitCode });
  });

  it("does not wait for ever, and ends with Ctrl-C", async () => {
    const server = await listenForCallback([callback]);
    const accept = (address: URL) => address;
    await expect(server.wait(accept, { timeoutMs: 5 })).rejects.toMatchObject({ code: "sign_in_timeout", exitCode: 4 });
    const controller = new AbortController();
    const waiting = server.wait(accept, { timeoutMs: 60_000, signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ exitCode: 130 });
    server.close();
  });
});

describe("a sign-in with the browser of another machine", () => {
  const paste = (address: (parameters: URLSearchParams) => string) => {
    const { user } = fixture;
    const prompt = {
      ...user.prompt,
      askHidden: async () => {
        const url = new URL(/http\S+authorize\S+/.exec(user.said.join("\n"))?.[0] ?? "");
        user.cognito.claims = { nonce: url.searchParams.get("nonce") };
        return ` ${address(url.searchParams)}\n`;
      },
    };
    return user.login({ userName: undefined, browser: false, prompt });
  };

  it("takes the address that is pasted", async () => {
    await paste((parameters) => `${callback}?code=c0de&state=${parameters.get("state")}`);
    expect(readSession(fixture.user.settings())).toBeDefined();
    expect(fixture.user.opened).toEqual([]);
  });

  it.each([
    ["of another sign-in", () => `${callback}?code=c0de&state=x`, "another sign-in"],
    [
      "of another page",
      (p: URLSearchParams) => `https://evil.example.com/callback?code=c0de&state=${p.get("state")}`,
      "no address that begins",
    ],
    ["without a code", (p: URLSearchParams) => `${callback}?state=${p.get("state")}`, "has no code"],
    ["that is none", () => "c0de", "no address that begins"],
  ])("refuses one %s, and does not show it", async (_, address, words) => {
    const error = await paste(address).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ message: expect.stringContaining(words), exitCode: 4 });
    expect(`${(error as Error).message}`).not.toContain("c0de");
  });
});

describe("which way it is", () => {
  it("is told where two do not go together, or one is not there", async () => {
    const { user } = fixture;
    await expect(user.login({ browser: false })).rejects.toMatchObject({ exitCode: 2 });
    user.configure({ domain: null });
    await expect(user.login({ userName: undefined, browser: false })).rejects.toMatchObject({ exitCode: 3 });
    user.configure({ domain: user.cognito.origin, callback_urls: [] });
    await expect(user.login({ userName: undefined })).rejects.toThrow("callback_urls");
  });

  it("is the terminal, with a question for the name, where there are no sign-in pages", async () => {
    const { user } = fixture;
    user.configure({ domain: null });
    user.typed = ["ann", user.cognito.password];
    await user.login({ userName: undefined });
    expect(user.asked).toEqual(["User name: ", "Password of ann (not shown): "]);
  });
});

it("opens a browser without a shell, and goes on where there is none", () => {
  const on = jest.fn();
  const spawn = jest.spyOn(require("node:child_process"), "spawn").mockReturnValue({ on, unref: () => {} } as never);
  openBrowser("https://x.example.com/?a=1&b=$(touch x)");
  expect(spawn).toHaveBeenCalledWith(
    expect.any(String),
    ["https://x.example.com/?a=1&b=$(touch x)"],
    expect.objectContaining({ shell: false, stdio: "ignore" }),
  );
  expect(on).toHaveBeenCalledWith("error", expect.any(Function));
});
