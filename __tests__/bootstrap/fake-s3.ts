import { Readable } from "node:stream";
import { S3Client } from "@aws-sdk/client-s3";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An S3 client whose requests go nowhere: `answer` is asked instead, and each is remembered as "PUT ?policy". */
export function fakeS3(
  answer: (operation: string) => FakeAnswer,
  endpoint = "https://s3.amazonaws.com",
  region = "eu-west-1",
) {
  const operations: string[] = [];
  const bodies = new Map<string, string>();
  const handler = {
    handle: async ({ method, query = {}, body }: Request) => {
      const [subresource] = Object.keys(query).filter((name) => name !== "x-id");
      const operation = subresource === undefined ? method : `${method} ?${subresource}`;
      operations.push(operation);
      bodies.set(operation, String(body ?? ""));
      const { status, body: text = "", headers = {} } = answer(operation);
      const stream = Readable.from([Buffer.from(text)]);
      return { response: { statusCode: status, headers, body: stream } };
    },
  };
  const s3 = new S3Client({
    region,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    requestHandler: handler as never,
    maxAttempts: 1,
  });
  return { s3, operations, bodies };
}

export function s3Error(status: number, code: string): FakeAnswer {
  return { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>` };
}
