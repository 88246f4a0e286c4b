import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody, sendJson } from "../../process/loopback-server";
import type { People } from "../people";
import { ServiceError } from "../service-error";
import type { AuthorizationCodes } from "./authorization-codes";
import {
  type AuthorizeRequest,
  BrokenRequest,
  RefusedRequest,
  readAuthorizeRequest,
  withParameters,
} from "./authorize-request";
import { Login, type LoginAnswer } from "./login";
import { formPage, messagePage, STYLE } from "./login-page";

const MAX_FORM_BYTES = 64 * 1024;
const COOKIE = "csrf-token";

/** What a user pool's domain shows to people in a browser: sign-in, sign-out, and who has signed in. */
export class PeopleDomain {
  private readonly login: Login;

  constructor(
    private readonly poolId: string,
    private readonly people: People,
    codes: AuthorizationCodes,
  ) {
    this.login = new Login(people, codes);
  }

  /** @returns whether the path is one of its own. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? "/", "http://domain");
    const asked = `${request.method} ${url.pathname}`;
    try {
      if (asked === "GET /oauth2/authorize") await this.authorize(url.searchParams, response);
      else if (asked === "GET /login") await this.show(url.searchParams, response);
      else if (asked === "POST /login") await this.submit(url.searchParams, request, response);
      else if (asked === "GET /login.css") sendText(response, 200, "text/css", STYLE);
      else if (asked === "GET /logout") await this.logout(url.searchParams, response);
      else if (asked === "GET /oauth2/userInfo") await this.userInfo(request, response);
      else return false;
    } catch (error) {
      if (error instanceof RefusedRequest) {
        const { redirectUri, code, state, description } = error;
        redirect(response, withParameters(redirectUri, { error: code, error_description: description, state }));
      } else if (error instanceof BrokenRequest) {
        sendPage(response, 400, messagePage("This sign-in cannot start", error.message));
      } else throw error;
    }
    return true;
  }

  private async authorize(query: URLSearchParams, response: ServerResponse): Promise<void> {
    await this.read(query);
    redirect(response, `/login?${query}`);
  }

  private async show(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const asked = await this.read(query);
    this.send(response, asked, this.login.start(), randomBytes(24).toString("base64url"));
  }

  /** Only a form that this server has shown to this browser counts: another site could sign somebody in as another. */
  private async submit(query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await this.read(query);
    const typed = new URLSearchParams((await readBody(request, MAX_FORM_BYTES)).toString("utf8"));
    const token = cookieIn(request.headers.cookie);
    if (token === undefined || !isEqual(token, typed.get("csrf") ?? "")) {
      throw new BrokenRequest("this form was not shown by this page, or too long ago: start again in the app");
    }
    this.send(response, asked, await this.login.submit(asked, typed), token);
  }

  private send(response: ServerResponse, asked: AuthorizeRequest, answer: LoginAnswer, csrf: string): void {
    if ("location" in answer) {
      redirect(response, answer.location);
      return;
    }
    const { form } = answer;
    const headers = { "set-cookie": `${COOKIE}=${csrf}; Path=/login; HttpOnly; SameSite=Strict` };
    const page = formPage({ ...form, hidden: { ...form.hidden, csrf } });
    sendPage(response, form.error === undefined ? 200 : 400, page, headers, new URL(asked.redirectUri).origin);
  }

  private async logout(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const client = await this.people.directory.client(query.get("client_id") ?? "");
    if (client === undefined || client.poolId !== this.poolId) throw new BrokenRequest("there is no such client");
    const target = query.get("logout_uri");
    if (target === null) return redirect(response, `/login?${query}`);
    if (!client.logoutUrls.includes(target)) throw new BrokenRequest("logout_uri is not one of the client's");
    redirect(response, target);
  }

  private async userInfo({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
    try {
      const { user } = await this.people.tokens.ownerOf(token, "openid");
      sendJson(response, 200, { username: user.username, ...user.attributes });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const challenge = { "www-authenticate": `Bearer error="invalid_token", error_description="${error.message}"` };
      sendJson(response, 401, { error: "invalid_token", error_description: error.message }, challenge);
    }
  }

  private read(query: URLSearchParams): Promise<AuthorizeRequest> {
    return readAuthorizeRequest(query, this.poolId, this.people.directory);
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, "cache-control": "no-store" });
  response.end();
}

/** @param formTarget where the last form leads, by way of a redirect: browsers ask about that too. */
function sendPage(
  response: ServerResponse,
  status: number,
  page: string,
  headers: Readonly<Record<string, string>> = {},
  formTarget = "",
): void {
  sendText(response, status, "text/html", page, {
    ...headers,
    "content-security-policy": `default-src 'none'; style-src 'self'; form-action 'self' ${formTarget}; frame-ancestors 'none'; base-uri 'none'`,
    "referrer-policy": "no-referrer",
  });
}

function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const common = { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" };
  response.writeHead(status, { ...common, "x-content-type-options": "nosniff", ...headers });
  response.end(text);
}

function cookieIn(header = ""): string | undefined {
  return new RegExp(`(?:^|; *)${COOKIE}=([\\w-]+)`).exec(header)?.[1];
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
