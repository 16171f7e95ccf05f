/**
 * Findings that stand, by rule, with their reasons. Tools with suppressions in a template's Metadata have
 * none here.
 */
const byParameter = 'By parameter; the tool resolves no Ref and no If.';
const logsOfBuckets =
  'The bucket of access logs would log itself; the functions that read results log each request.';
const exampleLogs = 'Keys of CloudWatch Logs encrypt them; an example has no key of its own.';
const rotation =
  "Genesys Cloud makes the client's secret, and another sealing key could not open what was sealed.";
const deadLetterQueues = 'They are the queues of failures themselves.';
const wildcards = 'Each wildcard has its reason in test/templates/narrow.test.ts.';
const lambdaFailures =
  'The caller has the failure, or FailureQueue is the destination of asynchronous invocations.';
const ownStorageKey = "Log delivery and readers in other accounts use S3's own key.";

export const accepted: Record<string, string> = {
  // cdk-nag
  ALBHttpToHttpsRedirection: 'The balancer is a network load balancer.',
  ALBWAFEnabled: 'Only PrivateLink reaches it.',
  APIG4: byParameter,
  APIGWCacheEnabledAndEncrypted: 'An answer from a cache would be one to another request.',
  APIGWSSLEnabled: 'The backend is a Lambda function, which takes no client certificate.',
  COG4: 'Callers are systems. They sign, send a secret or a token, by parameter.',
  CloudWatchLogGroupEncrypted: exampleLogs,
  DynamoDBInBackupPlan: 'Point-in-time recovery is on. A backup plan belongs to the account.',
  ELB2: 'The handler logs each request.',
  ELBDeletionProtectionEnabled: byParameter,
  ELBLoggingEnabled: 'The handler logs each request.',
  ELBv2ACMCertificateRequired: byParameter,
  EventBusDLQ: 'EventBridge retries for 24 hours, and the next schedule replaces a lost check.',
  IAM4: 'AWS documents this managed policy for the log role of API Gateway.',
  IAM5: wildcards,
  LambdaAsyncFailureDestination: 'The next check replaces a failed one.',
  LambdaConcurrency:
    'By parameter, or the function is rarely invoked. Examples take nothing from the account.',
  LambdaDLQ: lambdaFailures,
  LambdaInsideVPC: byParameter,
  LambdaTracing: 'Examples and checks make one call; their logs are enough.',
  S1: logsOfBuckets,
  S3BucketLoggingEnabled: logsOfBuckets,
  S3BucketReplicationEnabled:
    'Logs and results are read in their Region; packages are published to each Region.',
  S3DefaultEncryptionKMS: ownStorageKey,
  SMG4: rotation,
  SQS3: deadLetterQueues,
  SQSRedrivePolicy: deadLetterQueues,
  SecretsManagerRotationEnabled: rotation,
  SecretsManagerUsingKMSKey: 'Read in its own account only; the key of Secrets Manager is enough.',
  VPCDefaultSecurityGroupClosed: 'CloudFormation cannot change it; the page of the VPC says how to.',
  VPCNoUnrestrictedRouteToIGW: 'Of the subnets that hold nothing but NAT gateways.',
  // Control Tower
  cloudwatch_alarm_action_check: byParameter,
  cloudwatch_log_group_encrypted_check: exampleLogs,
  cloudwatch_log_group_retention_period_check: byParameter,
  dynamodb_table_encrypted_kms_check:
    'The key aws/dynamodb cannot be shared, so AWS owns the key by default.',
  elbv2_acm_certificate_required_check: byParameter,
  elbv2_deletion_protection_enabled_check: byParameter,
  elbv2_logging_enabled_check: 'The handler logs each request.',
  kms_create_grant_aws_service_check: 'No statement grants kms:CreateGrant; the tool resolves no If.',
  lambda_function_public_access_prohibited_check: 'One service, account or organization, by its id.',
  lambda_inside_vpc_check: byParameter,
  s3_bucket_default_encryption_kms_check: ownStorageKey,
  s3_bucket_logging_enabled_check: logsOfBuckets,
  s3_bucket_object_lock_enabled_check: 'Logs and results expire; packages are written once by policy.',
  s3_bucket_policy_ssl_requests_only_check:
    'OnlyEncryptedConnections denies, in the form of the public rule.',
  s3_event_notifications_enabled_check: 'Nobody waits for new objects.',
  sqs_dlq_check: deadLetterQueues,
  sqs_queue_encrypted_check: byParameter,
  // Public registry
  CFN_NO_EXPLICIT_RESOURCE_NAMES:
    'The name of a ledger is fixed, so a deployment fails on a retained one instead of beginning an empty one.',
};
