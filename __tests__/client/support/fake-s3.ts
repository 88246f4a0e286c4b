import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { crc32 } from "../../../client/transfer/checksums";
import { LoopbackServer } from "./loopback";

export interface FakeObject {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Sizes of the parts it was sent in, for GetObject by part number. */
  readonly parts?: readonly number[];
}

export interface S3Call {
  readonly operation: string;
  readonly key: string;
  readonly headers: IncomingMessage["headers"];
  readonly query: URLSearchParams;
  readonly range: string | undefined;
}

/** What a test does to a call; undefined answers it as S3 does. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly cutAfter: number }
  | { readonly hang: true }
  | { readonly flipByte: number };

/** As much of S3 on loopback as the client uses; it checks the checks it is sent, as S3 does. */
export class FakeS3 extends LoopbackServer {
  readonly objects = new Map<string, FakeObject>();
  readonly uploads = new Map<string, { key: string; parts: Map<number, { bytes: Buffer; crc: string }> }>();
  readonly calls: S3Call[] = [];
  /** Not all that is like S3 gives an object by the parts it was sent in. */
  servesParts = true;
  fault: ((call: S3Call) => Fault | undefined | Promise<Fault | undefined>) | undefined;
  protected readonly server: Server;

  /** @param tls where it speaks https */
  constructor(private readonly tls?: { readonly key: string; readonly cert: string }) {
    super();
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.server = tls ? createSecureServer({ key: tls.key, cert: tls.cert }, serve) : createServer(serve);
  }

  get url(): string {
    return `${this.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
  }

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://fake");
    const bucketInHost = request.headers.host?.startsWith("uploads.");
    const key = decodeURIComponent(
      url.pathname
        .split("/")
        .slice(bucketInHost ? 1 : 2)
        .join("/"),
    );
    const call: S3Call = {
      operation: operationOf(request.method ?? "", url.searchParams, key),
      key,
      headers: request.headers,
      query: url.searchParams,
      range: request.headers.range,
    };
    this.calls.push(call);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const fault = await this.fault?.(call);
    if (fault && "status" in fault) {
      error(response, fault.status, fault.code, fault.headers);
      return;
    }
    if (fault && "hang" in fault) return;
    const body = decode(Buffer.concat(chunks), request.headers);
    const crc = body.trailer ?? (request.headers["x-amz-checksum-crc32"] as string | undefined);
    if (crc !== undefined && call.operation !== "CompleteMultipartUpload" && crc !== crcOf(body.bytes)) {
      error(response, 400, "BadDigest");
    } else this.#answer(call, body.bytes, response, fault);
  }

  #answer(call: S3Call, bytes: Buffer, response: ServerResponse, fault: Fault | undefined): ServerResponse | undefined {
    const { key, query } = call;
    const uploadId = query.get("uploadId") ?? "";
    const upload = this.uploads.get(uploadId);
    switch (call.operation) {
      case "PutObject":
        this.objects.set(key, { bytes, headers: { "x-amz-checksum-crc32": crcOf(bytes) } });
        return send(response, 200, "", { etag: etagOf(bytes) });
      case "CreateMultipartUpload": {
        const id = randomUUID();
        this.uploads.set(id, { key, parts: new Map() });
        return send(
          response,
          200,
          `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        );
      }
      case "UploadPart":
        if (!upload) return error(response, 404, "NoSuchUpload");
        upload.parts.set(Number(query.get("partNumber")), { bytes, crc: crcOf(bytes) });
        return send(response, 200, "", { etag: etagOf(bytes), "x-amz-checksum-crc32": crcOf(bytes) });
      case "AbortMultipartUpload":
        if (!upload) return error(response, 404, "NoSuchUpload");
        this.uploads.delete(uploadId);
        return send(response, 204, "");
      case "CompleteMultipartUpload": {
        if (!upload) return error(response, 404, "NoSuchUpload");
        const numbers = [...bytes.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((match) =>
          Number(match[1]),
        );
        const whole = Buffer.concat(numbers.map((number) => upload.parts.get(number)?.bytes ?? Buffer.alloc(0)));
        if (numbers.length !== upload.parts.size) return error(response, 400, "InvalidPart");
        if (call.headers["x-amz-checksum-crc32"] !== crcOf(whole)) return error(response, 400, "BadDigest");
        if (call.headers["x-amz-mp-object-size"] !== String(whole.length))
          return error(response, 400, "InvalidRequest");
        this.uploads.delete(uploadId);
        this.objects.set(upload.key, { bytes: whole, headers: { "x-amz-checksum-crc32": crcOf(whole) } });
        return send(
          response,
          200,
          `<CompleteMultipartUploadResult><ETag>${etagOf(whole)}</ETag></CompleteMultipartUploadResult>`,
        );
      }
      case "DeleteObject":
        this.objects.delete(key);
        return send(response, 204, "");
      case "ListObjectsV2":
        return send(response, 200, this.#page(query));
      default:
        return this.#get(call, response, fault);
    }
  }

  /** Two keys a page, so that there are pages. */
  #page(query: URLSearchParams): string {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(query.get("prefix") ?? "")).sort();
    const from = Number(query.get("continuation-token") ?? 0);
    const contents = keys
      .slice(from, from + 2)
      .map(
        (key) =>
          `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${this.objects.get(key)?.bytes.length}</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`,
      );
    const more = from + 2 < keys.length;
    return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ""}${contents.join("")}</ListBucketResult>`;
  }

  #get(
    { key, range, query, headers }: S3Call,
    response: ServerResponse,
    fault: Fault | undefined,
  ): ServerResponse | undefined {
    const object = this.objects.get(key);
    if (!object) return error(response, 404, "NoSuchKey");
    const etag = etagOf(object.bytes);
    if (headers["if-match"] !== undefined && headers["if-match"] !== etag)
      return error(response, 412, "PreconditionFailed");
    let [start, end] = [0, object.bytes.length - 1];
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    if (from !== undefined) [start, end] = [Number(from), Math.min(Number(to), end)];
    const part = this.servesParts ? Number(query.get("partNumber") ?? 0) : 0;
    if (part > 0 && object.parts) {
      start = object.parts.slice(0, part - 1).reduce((sum, size) => sum + size, 0);
      end = start + (object.parts[part - 1] ?? 0) - 1;
    }
    const partial = from !== undefined || part > 0;
    const bytes = Buffer.from(object.bytes.subarray(start, end + 1));
    if (fault && "flipByte" in fault) bytes.writeUInt8((bytes.readUInt8(fault.flipByte) + 1) & 0xff, fault.flipByte);
    response.writeHead(partial ? 206 : 200, {
      etag,
      "content-length": bytes.length,
      ...(partial ? { "content-range": `bytes ${start}-${end}/${object.bytes.length}` } : object.headers),
    });
    if (fault && "cutAfter" in fault) {
      response.write(bytes.subarray(0, fault.cutAfter), () => setTimeout(() => response.destroy(), 2));
      return response;
    }
    return response.end(bytes);
  }
}

function operationOf(method: string, query: URLSearchParams, key: string): string {
  if (method === "PUT") return query.has("partNumber") ? "UploadPart" : "PutObject";
  if (method === "POST") return query.has("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload";
  if (method === "DELETE") return query.has("uploadId") ? "AbortMultipartUpload" : "DeleteObject";
  return key === "" ? "ListObjectsV2" : "GetObject";
}

/** Undoes aws-chunked with an unsigned trailer: chunks of `<hex>\r\n<bytes>\r\n`, then the trailer's lines. */
function decode(body: Buffer, headers: IncomingMessage["headers"]): { bytes: Buffer; trailer?: string } {
  if (!/aws-chunked/.test(headers["content-encoding"] ?? "")) return { bytes: body };
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf("\r\n", at);
    const length = Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2;
    if (length === 0) break;
    chunks.push(body.subarray(at, at + length));
    at += length + 2;
  }
  const trailer = /x-amz-checksum-crc32:(\S+)/.exec(body.toString("latin1", at))?.[1];
  return { bytes: Buffer.concat(chunks), ...(trailer ? { trailer } : {}) };
}

export function crcOf(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}

function etagOf(bytes: Buffer): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): ServerResponse {
  response.writeHead(status, { ...(body === "" ? {} : { "content-type": "application/xml" }), ...headers });
  return response.end(body);
}

function error(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  return send(response, status, `<Error><Code>${code}</Code><Message>${code} of the fake</Message></Error>`, headers);
}
