// All of AWS's commercial partition, the only one whose regions the configuration accepts.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html

/** The ARN of an IAM role; `account` may be a Terraform reference. */
export function roleArn(account: string, roleName: string, path = "/"): string {
  return `arn:aws:iam::${account}:role${path}${roleName}`;
}

/** The ARN of a bucket. */
export function bucketArn(bucketName: string): string {
  return `arn:aws:s3:::${bucketName}`;
}

/** The ARN of a DynamoDB table; `account` may be a Terraform reference. */
export function tableArn(region: string, account: string, tableName: string): string {
  return `arn:aws:dynamodb:${region}:${account}:table/${tableName}`;
}

/** The ARN of a Lambda function; `account` may be a Terraform reference. */
export function functionArn(region: string, account: string, functionName: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${functionName}`;
}
