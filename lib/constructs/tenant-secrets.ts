import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type Deployment, nameSecret } from '../config/names.ts';

// Never change this template or the key's generation on a living stage: CloudFormation would generate the secret anew
// and drop what an operator filled in. Keys that come later are added by the operator.
const emptySecret = JSON.stringify({
  metaAppSecret: '',
  metaVerifyToken: '',
  metaAccessToken: '',
  genesysClientId: '',
  genesysClientSecret: '',
  genesysWebhookSecret: '',
});

/** One secret per WhatsApp number: empty but valid until an operator fills it, with its own pseudonym key. */
export class TenantSecrets extends Construct {
  /** In the order of the numbers. */
  readonly secrets: Secret[];

  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    phoneNumberIds: readonly string[],
    retained: boolean,
  ) {
    super(scope, id);
    this.secrets = phoneNumberIds.map(
      (phoneNumberId) =>
        new Secret(this, `Number${phoneNumberId}`, {
          secretName: nameSecret(deployment, phoneNumberId),
          description: `Credentials of WhatsApp number ${phoneNumberId}, filled in by an operator`,
          generateSecretString: {
            secretStringTemplate: emptySecret,
            generateStringKey: 'pseudonymKey',
            passwordLength: 64,
            excludePunctuation: true,
          },
          removalPolicy: retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        }),
    );
  }
}
