import { randomBytes } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Scope } from "../../access/permission-level";
import { ClientError, EXIT_CODES } from "../core/errors";
import { sendRequest } from "../network/http";
import { type NetworkSettings, proxyFor } from "../network/network-settings";
import type { S3Address } from "../transfer/s3-client";
import { errorName, s3Fault } from "../transfer/s3-errors";
import type { Passed } from "./checks";

/** From here on some of AWS's services refuse what this machine signs. */
const CLOCK_FAULT_SECONDS = 300;
const CLOCK_NOTE_SECONDS = 5;

/** A URL, and the setting that it is from. */
export interface Address {
  readonly address: string;
  readonly place: string;
}

/**
 * Whether an address answers at all: name, proxy, connection and TLS; whatever it answers will do.
 * @throws {UnreachableError} with the kind of fault.
 * @throws {ClientError} `clock_skew` where its clock shows that this machine's is wrong.
 */
export async function reach(
  { address, place }: Address,
  network: NetworkSettings,
  signal: AbortSignal,
): Promise<Passed> {
  const url = new URL(address);
  const answer = await sendRequest({ method: "GET", url: address, place, network, signal });
  const ahead = answer.clockAheadSeconds ?? 0;
  const clock = `this machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} that of ${url.host}`;
  if (Math.abs(ahead) >= CLOCK_FAULT_SECONDS) {
    throw new ClientError(clock, "clock_skew", EXIT_CODES.local, {
      remedy: "Set the clock: check time synchronisation (timedatectl, chronyc tracking). AWS refuses such requests",
    });
  }
  const proxy = proxyFor(url, network);
  const by = proxy === undefined ? "" : ` through the proxy ${new URL(proxy).host}`;
  const secure = url.protocol === "https:" ? "TLS accepted" : "without TLS";
  const notes = Math.abs(ahead) >= CLOCK_NOTE_SECONDS ? [clock] : [];
  return { detail: `${url.host} answers${by}, ${secure}`, notes };
}

export interface Probe {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: S3Address;
  readonly scopes: readonly Scope[];
  readonly signal: AbortSignal;
}

/**
 * Asks S3 what can be asked without leaving anything: a list where the level allows it, else an object that is not
 * there. S3 refuses the latter to whoever may not list, but only after it has found bucket and credentials good.
 * @returns what was learnt.
 */
export async function probeReading({ s3, bucket, prefix, endpoint, scopes, signal }: Probe): Promise<string> {
  if (scopes.includes("list")) {
    try {
      await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }), { abortSignal: signal });
    } catch (error) {
      throw s3Fault(error, `to list ${prefix}`, endpoint);
    }
    return "lists it";
  }
  try {
    await s3.send(new GetObjectCommand({ Bucket: bucket, Key: probeKey(prefix) }), { abortSignal: signal });
  } catch (error) {
    if (!["AccessDenied", "NoSuchKey"].includes(errorName(error))) throw s3Fault(error, `to read ${prefix}`, endpoint);
  }
  return "S3 knows the bucket and accepts the credentials";
}

/** Begins an upload and ends it again: it needs the permission to write, and never becomes an object. */
export async function probeWriting({ s3, bucket, prefix, endpoint, signal }: Probe): Promise<string> {
  const object = { Bucket: bucket, Key: probeKey(prefix) };
  try {
    // Without the signal: what was begun must be ended.
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
  } catch (error) {
    throw s3Fault(signal.aborted ? signal.reason : error, `to write to ${prefix}`, endpoint);
  }
  return "may write (begun and taken back: nothing is left)";
}

function probeKey(prefix: string): string {
  return `${prefix}.oidc-s3-doctor-${randomBytes(8).toString("hex")}`;
}
