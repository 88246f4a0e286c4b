import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import { environmentConfig } from "../support/environment";
import { at, LAMBDA_CODE, synthesise } from "../support/synthesise";

const asset = (code?: Uint8Array) => synthesise(environmentConfig({ foundation: { lambdaPackage: "asset" } }), code);
const zipOf = (code?: Uint8Array) => asset(code).foundationFile("credential-vending.zip");

it("the zip made at synth holds the bundle under the name that the handler has", () => {
  const { foundation } = asset();
  expect(unzipSync(zipOf())).toEqual({ "index.mjs": new Uint8Array(LAMBDA_CODE) });
  const lambda = at(foundation, "aws_lambda_function.credential_vending");
  expect(lambda.filename).toBe("${path.module}/credential-vending.zip");
  expect(lambda.source_code_hash).toBe(createHash("sha256").update(zipOf()).digest("base64"));
});

it("equal code gives equal bytes at any time, in any time zone; other code does not", () => {
  const before = zipOf();
  const zone = process.env.TZ;
  jest.useFakeTimers({ now: new Date("2031-12-31T23:59:59Z") });
  process.env.TZ = "Pacific/Kiritimati";
  try {
    expect(zipOf().equals(before)).toBe(true);
  } finally {
    jest.useRealTimers();
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
  expect(zipOf(Buffer.from("export const handler = () => {};")).equals(before)).toBe(false);
});

it("everybody may read the bundle in the zip, as Lambda demands", () => {
  // The central directory's external attributes: Unix mode in the upper half.
  const zip = zipOf();
  const entry = zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  expect((zip.readUInt32LE(entry + 38) >>> 16) & 0o777).toBe(0o644);
});

it("for the zip made by Terraform the bundle lies in the stack's folder, and its mode is set", () => {
  const { foundation, foundationFile } = synthesise(environmentConfig({ foundation: { lambdaPackage: "archive" } }));
  expect(foundationFile("credential-vending/index.mjs").equals(LAMBDA_CODE)).toBe(true);
  expect(at(foundation, "data.archive_file.credential_vending")).toEqual({
    type: "zip",
    source_file: "${path.module}/credential-vending/index.mjs",
    output_path: "${path.module}/credential-vending.zip",
    output_file_mode: "0644",
  });
  expect(at(foundation, "aws_lambda_function.credential_vending")).toMatchObject({
    filename: "${data.archive_file.credential_vending.output_path}",
    source_code_hash: "${data.archive_file.credential_vending.output_base64sha256}",
  });
});
