import type { AccountConfig } from "./types";

/** An API in OAuth's sense, with the scopes that it defines. */
export interface ResourceServerConfig {
  /** The end of its Terraform address. */
  readonly address: string;
  readonly identifier: string;
  readonly name: string;
  /** Descriptions by the scopes' names, which in tokens have the identifier and a slash before them. */
  readonly scopes: Readonly<Record<string, string>>;
}

/** A machine or program with an id and a secret. */
export interface ClientConfig {
  readonly key: string;
  readonly address: string;
  readonly name: string;
  /** The scopes that it is granted, in full. */
  readonly grantedScopes: readonly string[];
  readonly accessTokenValidityMinutes: number;
}

/** What answers a route: a function, another HTTP server, or API Gateway itself. */
export type Backend =
  | { readonly kind: "function"; readonly key: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "answer" };

export interface RouteConfig {
  /** `GET /book`, as it is in the file. */
  readonly key: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  /** Any one of them suffices. */
  readonly scopes: readonly string[];
  readonly backend: Backend;
}

export interface FunctionConfig {
  readonly key: string;
  readonly address: string;
  /** The file in its folder that the bundler starts at. */
  readonly entry: string;
  readonly name: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/** `api.tfvars`, checked, with every default filled in; each list sorted by its keys. */
export interface ApiConfig extends AccountConfig {
  readonly environment: string;
  readonly awsRegion: string;
  readonly userPoolName: string;
  /** The domain's prefix, unique in the region over all AWS accounts. */
  readonly domain: string;
  readonly projectTag: string;
  readonly managedLogin: boolean;
  readonly resourceServers: readonly ResourceServerConfig[];
  readonly clients: readonly ClientConfig[];
  readonly routes: readonly RouteConfig[];
  readonly functions: readonly FunctionConfig[];
  readonly apiName: string;
  readonly apiDescription: string;
  readonly authorizerName: string;
  readonly stageName: string;
  readonly apiLogging: boolean;
  readonly apiThrottlingRateLimit: number;
  readonly apiThrottlingBurstLimit: number;
  readonly logRetentionDays: number;
  readonly deletionProtection: boolean;
}
