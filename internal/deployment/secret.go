package deployment

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/org/ami-action/internal/unseen"
)

// secret fetches the API key in the secret of that name, which is without its prefix.
func (f *Finder) secret(ctx context.Context, name string) (string, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	id := f.options.APIKeyPrefix + name
	region := clients.config.Region
	output, err := clients.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if err != nil {
		return "", f.explain("API key "+id+" in "+region, err, situation{
			action:      "secretsmanager:GetSecretValue",
			resource:    "arn:aws:secretsmanager:" + region + ":ACCOUNT:secret:" + id + "-??????",
			also:        "and kms:Decrypt if a key of your own encrypts the secret",
			missingCode: "ResourceNotFoundException",
			missingHint: "check that this is the orchestrator's account and region, or set the prefix of its secrets (--apiKeyPrefix)",
		})
	}
	// The reference deployment's keys are 30 letters and digits, but others may differ, so any text is accepted. It is
	// trimmed, because a key from a file often ends in a line break, or begins with a byte order mark on Windows.
	key := unseen.Trim(aws.ToString(output.SecretString))
	if key == "" {
		return "", &Error{
			Subject: "API key " + id + " in " + region, Reason: "the secret has no string value",
			Hint: "deploy the orchestrator again: it writes its keys",
		}
	}
	f.options.OnSecret(key)
	return key, nil
}
