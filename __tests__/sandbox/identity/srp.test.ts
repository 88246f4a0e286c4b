import { createSrpSession, signSrpSession } from "cognito-srp-helper";
import { COGNITO_GROUP, modPow, serverKeys, sharedKey, verifierOf } from "../../../sandbox/identity/srp";
import { ask, createPeople, FakeDirectory, PASSWORD, POOL_ID, resultOf, START } from "./support/fake-directory";

/** RFC 5054, appendix B: https://www.rfc-editor.org/rfc/rfc5054#appendix-B */
const hex = (text: string) => BigInt(`0x${text.replace(/\s/g, "")}`);
const RFC = {
  N: hex(`EEAF0AB9 ADB38DD6 9C33F80A FA8FC5E8 60726187 75FF3C0B 9EA2314C 9C256576 D674DF74 96EA81D3
    383B4813 D692C6E0 E0D5D8E2 50B98BE4 8E495C1D 6089DAD1 5DC7D7B4 6154D6B6 CE8EF4AD 69B15D49 82559B29 7BCF1885
    C529F566 660E57EC 68EDBC3C 05726CC0 2FD4CBF4 976EAA9A FD5138FE 8376435B 9FC61D2F C0EB06E3`),
  g: 2n,
  k: hex("7556AA04 5AEF2CDD 07ABAF0F 665C3E81 8913186F"),
  x: hex("94B7555A ABE9127C C58CCF49 93DB6CF8 4D16C124"),
  v: hex(`7E273DE8 696FFC4F 4E337D05 B4B375BE B0DDE156 9E8FA00A 9886D812 9BADA1F1 822223CA 1A605B53 0E379BA4
    729FDC59 F105B478 7E5186F5 C671085A 1447B52A 48CF1970 B4FB6F84 00BBF4CE BFBB1681 52E08AB5 EA53D15C 1AFF87B2
    B9DA6E04 E058AD51 CC72BFC9 033B564E 26480D78 E955A5E2 9E7AB245 DB2BE315 E2099AFB`),
  a: hex("60975527 035CF2AD 1989806F 0407210B C81EDC04 E2762A56 AFD529DD DA2D4393"),
  b: hex("E487CB59 D31AC550 471E81F0 0F6928E0 1DDA08E9 74A004F4 9E61F5D1 05284D20"),
  A: hex(`61D5E490 F6F1B795 47B0704C 436F523D D0E560F0 C64115BB 72557EC4 4352E890 3211C046 92272D8B 2D1A5358
    A2CF1B6E 0BFCF99F 921530EC 8E393561 79EAE45E 42BA92AE ACED8251 71E1E8B9 AF6D9C03 E1327F44 BE087EF0 6530E69F
    66615261 EEF54073 CA11CF58 58F0EDFD FE15EFEA B349EF5D 76988A36 72FAC47B 0769447B`),
  B: hex(`BD0C6151 2C692C0C B6D041FA 01BB152D 4916A1E7 7AF46AE1 05393011 BAF38964 DC46A067 0DD125B9 5A981652
    236F99D9 B681CBF8 7837EC99 6C6DA044 53728610 D0C6DDB5 8B318885 D7D82C7F 8DEB75CE 7BD4FBAA 37089E6F 9C6059F3
    88838E7A 00030B33 1EB76840 910440B1 B27AAEAE EB4012B7 D7665238 A8E3FB00 4B117B58`),
  u: hex("CE38B959 3487DA98 554ED47D 70A7AE5F 462EF019"),
  S: hex(`B0DC82BA BCF30674 AE450C02 87745E79 90A3381F 63B387AA F271A10D 233861E3 59B48220 F7C4693C 9AE12B0A
    6F67809F 0876E2D0 13800D6C 41BB59B6 D5979B5C 00A172B4 A2A5903A 0BDCAF8A 709585EB 2AFAFA8F 3499B200 210DCC1F
    10EB3394 3CD67FC8 8A2F39A4 BE5BEC4E C0A3212D C346D7E4 74B29EDE 8A469FFE CA686E5A`),
};

describe("the arithmetic of RFC 5054's test vectors", () => {
  const { N, g, k, x, v, a, b, A, B, u, S } = RFC;
  it("v = g^x", () => expect(verifierOf(x, { N, g })).toBe(v));
  it("A = g^a", () => expect(modPow(g, a, N)).toBe(A));
  it("B = k·v + g^b", () => expect((k * v + modPow(g, b, N)) % N).toBe(B));
  it("S = (A·v^u)^b", () => expect(modPow((A * modPow(v, u, N)) % N, b, N)).toBe(S));
});

describe("Cognito's group", () => {
  it("is the one of 3072 bits", () => {
    const { N } = COGNITO_GROUP;
    const text = N.toString(16).toUpperCase();
    expect(text).toHaveLength(768);
    expect(text).toMatch(/^F{16}C90FDAA22168C234.*A93AD2CAF{16}$/);
  });
  it.each([0n, 1n, 2n])("takes no A of %p times N: the key would not depend on the password", (times) => {
    const keys = serverKeys(12345n);
    expect(sharedKey(COGNITO_GROUP.N * times, 12345n, keys)).toBeUndefined();
  });
});

describe("an independent implementation signs in", () => {
  const clock = { now: START };
  const directory = new FakeDirectory();
  const people = createPeople(directory, clock);

  async function signIn(
    name: string,
    password: string,
    change: (responses: Record<string, string>) => void = () => {},
  ) {
    // The library hashes user name and password anew with the name that the challenge gives.
    const session = createSrpSession(name, password, POOL_ID, false);
    const AuthParameters = { USERNAME: name, SRP_A: session.largeA };
    const answer = await ask(await people, "InitiateAuth", {
      ClientId: "cli",
      AuthFlow: "USER_SRP_AUTH",
      AuthParameters,
    });
    const parameters = answer.ChallengeParameters as Record<string, string>;
    const signed = signSrpSession({ ...session, username: parameters.USER_ID_FOR_SRP as string }, answer as never);
    const ChallengeResponses: Record<string, string> = {
      USERNAME: parameters.USER_ID_FOR_SRP as string,
      PASSWORD_CLAIM_SECRET_BLOCK: parameters.SECRET_BLOCK as string,
      PASSWORD_CLAIM_SIGNATURE: signed.passwordSignature,
      TIMESTAMP: signed.timestamp,
    };
    change(ChallengeResponses);
    const responses = { ClientId: "cli", ChallengeName: "PASSWORD_VERIFIER", ChallengeResponses };
    return { answer, again: async () => ask(await people, "RespondToAuthChallenge", responses) };
  }

  it("with the right password, and its proof works once", async () => {
    const { answer, again } = await signIn("ann@example.org", PASSWORD);
    expect(answer.ChallengeParameters).toMatchObject({ USER_ID_FOR_SRP: "ann-id", USERNAME: "ann-id" });
    expect(resultOf(await again()).IdToken).toMatch(/^eyJ/);
    await expect(again()).rejects.toMatchObject({ type: "NotAuthorizedException" });
  });

  it("not with a wrong password, nor with a proof of another moment", async () => {
    const incorrect = { type: "NotAuthorizedException", message: "Incorrect username or password." };
    await expect((await signIn("ann@example.org", `${PASSWORD}!`)).again()).rejects.toMatchObject(incorrect);
    await expect((await signIn("nobody@example.org", PASSWORD)).again()).rejects.toMatchObject(incorrect);
    const late = await signIn("ann@example.org", PASSWORD, (responses) => {
      responses.TIMESTAMP = "Wed Mar 4 05:06:08 UTC 2020";
    });
    await expect(late.again()).rejects.toMatchObject(incorrect);
  });
});
