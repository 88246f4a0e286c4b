import { generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The file of the certificate, for settings that name one. */
  readonly file: string;
}

/** A value in DER: its tag, its length, and what it holds. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const inner = Buffer.concat(content);
  const long = [inner.length >> 8, inner.length & 0xff];
  const length = inner.length < 0x80 ? [inner.length] : [0x82, ...long];
  return Buffer.concat([Buffer.from([tag, ...length]), inner]);
}
const sequence = (...content: readonly Uint8Array[]) => der(0x30, ...content);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const bits = (content: Uint8Array) => der(0x03, Buffer.of(0), content);
const day = (offset: number) => {
  const time = new Date(Date.now() + offset * 86_400_000).toISOString();
  return der(0x17, Buffer.from(`${time.slice(2, 19).replace(/[-:T]/g, "")}Z`));
};
const TRUE = der(0x01, Buffer.of(0xff));
const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const SUBJECT = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from("fake")))));
const SUBJECT_ALT_NAME = sequence(
  oid("551d11"),
  der(
    0x04,
    sequence(
      der(0x87, Buffer.of(127, 0, 0, 1)),
      ...["vending.test", "*.vending.test"].map((name) => der(0x82, Buffer.from(name))),
    ),
  ),
);
const IS_CA = sequence(oid("551d13"), TRUE, der(0x04, sequence(TRUE)));

/** A certificate for 127.0.0.1 that no CA has signed (RFC 5280), valid from yesterday until tomorrow. */
export function selfSignedCertificate(folder: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ECDSA_WITH_SHA256,
    SUBJECT,
    sequence(day(-1), day(1)),
    SUBJECT,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(SUBJECT_ALT_NAME, IS_CA)),
  );
  const whole = sequence(content, ECDSA_WITH_SHA256, bits(sign("sha256", content, privateKey)));
  const cert = `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
  const file = join(folder, "cert.pem");
  writeFileSync(file, cert);
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert, file };
}
