import { withThrottle } from "../../../config/rules/foundation";
import { throttleOf } from "../../../config/schema/foundation-keys";
import { environmentConfig } from "../../support/environment";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: AssumeRole, of an account and region. */
const STS_REQUESTS_PER_SECOND = 600;
/** The daemon's seconds between two requests: half of an hour, and 5 % on average. */
const RENEWAL_SECONDS = 1890;

it.each([
  [0, 50, 100],
  [1, 50, 100],
  [1000, 50, 100],
  [12_500, 50, 100],
  [12_501, 100, 200],
  [50_000, 200, 400],
  [100_000, 400, 500],
  [125_000, 500, 500],
  [1_000_000, 500, 500],
])("%d servers: %d requests a second, %d at once", (servers, rateLimit, burstLimit) => {
  expect(throttleOf(servers)).toEqual({ rateLimit, burstLimit });
});

it("there is a reserve of six times the steady load up to 125,000 servers, and STS's own limit is not reached", () => {
  for (let servers = 1000; servers <= 125_000; servers += 1000) {
    const { rateLimit } = throttleOf(servers);
    expect(rateLimit).toBeGreaterThanOrEqual((7 * servers) / RENEWAL_SECONDS);
    expect(rateLimit).toBeLessThan(STS_REQUESTS_PER_SECOND);
  }
});

it("what the file says counts, each key by itself", () => {
  const { apiThrottlingRateLimit: _, apiThrottlingBurstLimit: __, ...written } = environmentConfig().foundation;
  expect(withThrottle({ ...written, apiThrottlingRateLimit: 7 }, 100_000)).toMatchObject({
    apiThrottlingRateLimit: 7,
    apiThrottlingBurstLimit: 500,
  });
  expect(withThrottle({ ...written, apiThrottlingBurstLimit: 9 }, 100_000)).toMatchObject({
    apiThrottlingRateLimit: 400,
    apiThrottlingBurstLimit: 9,
  });
});
