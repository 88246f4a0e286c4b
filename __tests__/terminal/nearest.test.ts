import { nearest } from "../../terminal/nearest";

const keys = ["environment", "aws_region", "project_name", "s3_permissions", "bucket_tls_only"];

it.each([
  ["enviroment", "environment"],
  ["awsRegion", "aws_region"],
  ["AWS-REGION", "aws_region"],
  ["project", undefined],
  ["s3_permission", "s3_permissions"],
  ["bucket_tls", undefined],
  ["xyz", undefined],
  ["", undefined],
])("%s is %s", (word, expected) => {
  expect(nearest(word, keys)).toBe(expected);
});

it("without candidates there is none", () => {
  expect(nearest("a", [])).toBeUndefined();
});
