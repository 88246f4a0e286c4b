import { getDiffieHellman } from "node:crypto";
import { createSrpSession, signSrpSession } from "cognito-srp-helper";
import { Secret } from "../../../client/core/secret";
import { type SrpChallenge, sessionKey, srpProof, srpTimestamp, startSrp } from "../../../client/user/sign-in/srp";

const N = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);

/** Of Soto, the AWS SDK for Swift (Apache 2.0): its tests of Cognito's SRP. */
const PUBLISHED = {
  a: "37981750af33fdf93fc6dce831fe794aba312572e7c3347252854e5ce7c7f40343f5ad82f9ad3585c8cb1184c54c562f8317fc2924c6c7ade72f1e8d964f606e040c8f9f0b12e3fe6b6828202a5e40ca0103e880531921e56de3acc410331b8e5ddcd0dbf249bfa104f6b797719613aa50eabcdb40fd5457f64861dd71890eba",
  A: "f93b917abccc667f4fac29d1e4c111bcd37d2c37577e7f113ad85030ec6157c70dfee728ac4aee9a7631d85a68aec3ef72864b6e8a134f5c5eef8940b93bb1db1ada9c1de770db282d644eeb3c551d35ce8de4d2cf98d0d799b6a7f1fe51568d11162ce0cded8246b630169dcfc2d5a43817d52f121b3d75ab1a43dc30b7cec02e42e332d5fd781023d9c1fd44f3d1129d211550ce57c004aca95a367592705b517298f724e6314ffbac2425b2beb5095f23b75dd3dd232adda700080d7a22a87383d3746d39f6427b7daf2a00683038ff7dc099081b2bf43eb5e2e30465487dafb3cc875fdd9b475d46a0ac1d07cf928fd11e06c5999596160168fc31228f7f3329d4b873acbf1540a16418a3ee5a0a5070a3db558f5cf8cf15388ff0a6e4234bf1de3e5bade8e4aa607d633a94a06bee4386c7444e06fd584282b9d576be318f0f203057e80996f79a2bb0a63ad4786d5cc12b1321bd6644e001cee194171f5b04fcd65f3f280b6dadabae0401a9ae557ad27939730ce146319aa7f08d1e33",
  B: "a0812a0ee3fa8484a73addeb6a9afa145cff1eca2a6b86537a5d15132d5811dd088d16e7d581b2798229350e6e473503cebddf19cabd3f14fb3450a6858bafc972a29702d8772a22b000a160812a7fe29bcac2c36d43b91c118224626c2f0782d70f79c82ac5183e0d7d8c7b23ad0bda1f4fba941998bfc82e46415e49026bb33f8271cb9a56e69f518e90bc2f4c42c7bb27720e25a14dcfbb5176effb3069a2bc627f18ec07a3e4118f61402dda56a6da3f331d8c2cf78513d767b2bf040809e5a334c7bb98cb720ef5654100cfa57d21155fc7630654964370fd512b30febc6c61bfa3415c72660c5dad3444881d272c3abd7ecec0e483493b1491391bef4348d1c27be700e443301fc856a9d1b6ca36fdc46eec9f3c51f0ea566f5a85c87d395d3d9fc2a594945a860841d5b328f1910058b2bb822ac976d961736fac42e84b46074762de8b254f37260e3b1da88529dd1060ca52b2dc9de5d77372b1d74ea111de406aac964993133a6f172e8fae54eb885e6a3cd774f1ca6be98b6ddc35",
  salt: "8dbcb21f18ae3216",
  key: "b70fad71e9658b24b0ec678774ecca30",
};

const login = { poolName: "poolid", password: new Secret("testpassword"), timestamp: "Tue Sep 5 00:09:40 UTC 2026" };
const exchange = () => startSrp(Buffer.from(PUBLISHED.a, "hex"));
const challenge = (more: Partial<SrpChallenge> = {}): SrpChallenge => ({
  userId: "testuser",
  publicValue: PUBLISHED.B,
  salt: PUBLISHED.salt,
  secretBlock: "c2VjcmV0",
  ...more,
});

describe("SRP as Cognito has it", () => {
  it("comes to the published public value and key", () => {
    expect(exchange().publicValue).toBe(PUBLISHED.A);
    expect(sessionKey(exchange(), challenge(), login).toString("hex")).toBe(PUBLISHED.key);
  });

  it("gives the proof that an independent implementation gives, whatever the numbers begin with", () => {
    jest.useFakeTimers({ now: Date.parse("2026-09-05T00:09:40Z") });
    try {
      for (let round = 0; round < 3; round++) {
        const own = startSrp();
        const theirs = createSrpSession("testuser", "pässword-é", "eu-west-1_poolid", false);
        const session = { ...theirs, smallA: own.privateValue.toString(16), largeA: own.publicValue };
        const publicValue = startSrp().publicValue;
        const salt = (0x1n + (BigInt(round * 7) << 60n)).toString(16);
        const answer = { SRP_B: publicValue, SALT: salt, SECRET_BLOCK: "c2VjcmV0", USER_ID_FOR_SRP: "testuser" };
        const signed = signSrpSession(session, { ChallengeName: "PASSWORD_VERIFIER", ChallengeParameters: answer });
        const password = new Secret("pässword-é");
        expect(signed.timestamp).toBe(srpTimestamp(new Date()));
        const proof = srpProof(own, challenge({ publicValue, salt }), {
          ...login,
          password,
          timestamp: signed.timestamp,
        });
        expect(proof).toBe(signed.passwordSignature);
      }
    } finally {
      jest.useRealTimers();
    }
  });

  it("takes a new private value each time", () => {
    expect(startSrp().publicValue).not.toBe(startSrp().publicValue);
  });

  it.each([
    ["B is zero", { publicValue: "0" }, "B is a multiple of N"],
    ["B is N", { publicValue: N.toString(16) }, "B is a multiple of N"],
    ["B is twice N", { publicValue: (2n * N).toString(16) }, "B is a multiple of N"],
    ["B is no number", { publicValue: "xyz" }, "a value is no number"],
    ["the salt is no number", { salt: "" }, "a value is no number"],
  ])("refuses an answer where %s", (_, more, words) => {
    expect(() => srpProof(exchange(), challenge(more), login)).toThrow(words);
  });

  it("writes a moment as Cognito does: no zero before the day", () => {
    expect(srpTimestamp(new Date("2026-09-05T00:09:40.999Z"))).toBe("Sat Sep 5 00:09:40 UTC 2026");
    expect(srpTimestamp(new Date("2026-11-26T23:00:01Z"))).toBe("Thu Nov 26 23:00:01 UTC 2026");
  });
});
