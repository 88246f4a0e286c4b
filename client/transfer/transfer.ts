import type { S3Client } from "@aws-sdk/client-s3";
import { leastLevelWith, type Scope } from "../../access/permission-level";
import { ClientError, EXIT_CODES } from "../core/errors";
import { credentialProvider, getCredentials } from "../credentials/credentials";
import { mismatches, type VendedCredentials } from "../credentials/vended";
import type { Settings } from "../settings/settings";
import { PART_SIZES, PartBuffers, type PartSizes } from "./limits";
import { createS3Client, type S3Address, s3Address } from "./s3-client";

/** What every transfer of a command shares. */
export interface Transfer {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly sizes: PartSizes;
  readonly buffers: PartBuffers;
  /** Ends all of it: Ctrl-C, SIGTERM. */
  readonly signal: AbortSignal;
  /** Called with the number of bytes that arrived; negative where a part starts over. */
  readonly onBytes: (bytes: number) => void;
}

export interface Sent {
  readonly size: number;
  /** CRC-32 of the whole object in base64, as S3 shows it and has checked it. */
  readonly crc32: string;
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
}

export interface OpenTransfer extends Transfer {
  /** The vending API's answer: what counts where the settings say something else. */
  readonly prefix: string;
  readonly endpoint: S3Address;
}

export interface TransferOptions {
  /** What the command is going to do. */
  readonly scope: Scope | readonly Scope[];
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
  readonly onBytes?: (bytes: number) => void;
  readonly sizes?: PartSizes;
}

/**
 * Gets credentials and looks whether they allow what the command needs, before anything is sent to S3.
 * @throws {ClientError} `scope_not_allowed` where this server's level does not have it.
 */
export async function openTransfer(settings: Settings, options: TransferOptions): Promise<OpenTransfer> {
  const { signal, report, sizes = PART_SIZES } = options;
  const credentials = await getCredentials(settings, { signal, report });
  for (const scope of [options.scope].flat()) requireScope(credentials, scope);
  warnOfMismatch(settings, credentials, report);
  return {
    s3: createS3Client({
      region: credentials.region,
      endpoint: settings.s3Endpoint,
      network: settings.network,
      // Without the signal: cleaning up after an interruption needs credentials too.
      credentials: credentialProvider(settings, { report }),
    }),
    bucket: credentials.bucket,
    prefix: credentials.prefix,
    endpoint: s3Address(settings, credentials.region),
    sizes,
    buffers: new PartBuffers(sizes.buffers),
    signal,
    onBytes: options.onBytes ?? (() => {}),
  };
}

const VERBS: Readonly<Record<Scope, string>> = {
  write: "upload",
  read: "download",
  delete: "delete",
  list: "list",
};

function requireScope({ scopes }: VendedCredentials, scope: Scope): void {
  if (scopes === undefined || scopes.includes(scope)) return;
  // With what it has now: a server that uploads and is to download as well must not be told to become a mere reader.
  const enough = leastLevelWith([...scopes, scope]);
  const has = scopes.length === 0 ? "nothing" : `only ${scopes.map((name) => VERBS[name]).join(", ")}`;
  throw new ClientError(`this server may not ${VERBS[scope]}: it may ${has}`, "scope_not_allowed", EXIT_CODES.refused, {
    remedy: `Ask the platform team for s3_permissions = "${enough}" for this server`,
  });
}

/** Warns where the settings name another place than the vending API does, which is the one that works. */
function warnOfMismatch(settings: Settings, open: VendedCredentials, report: (message: string) => void): void {
  for (const mismatch of mismatches(settings, open)) report(`${mismatch}: using that`);
}
