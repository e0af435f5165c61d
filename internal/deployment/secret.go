package deployment

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/org/ami-action/internal/unseen"
)

// secret fetches the API key that the secret of the name, without its prefix, holds.
func (f *Finder) secret(ctx context.Context, name string) (string, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	id := f.options.APIKeyPrefix + name
	region := clients.config.Region
	answer, err := clients.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if err != nil {
		return "", f.explain("API key "+id+" in "+region, err, situation{
			action:      "secretsmanager:GetSecretValue",
			resource:    "arn:aws:secretsmanager:" + region + ":ACCOUNT:secret:" + id + "-??????",
			also:        "and kms:Decrypt if a key of your own encrypts the secret",
			missingCode: "ResourceNotFoundException",
			missingHint: "check that this is the orchestrator's account and region, or say how its secrets begin (--apiKeyPrefix)",
		})
	}
	// A key is 30 letters and digits, but that is the deployment's choice: any text is taken, without the line break
	// that one from a file often ends in, and the byte order mark that Windows begins one with.
	key := unseen.Trim(aws.ToString(answer.SecretString))
	if key == "" {
		return "", &Error{
			Looked: "API key " + id + " in " + region, Reason: "the secret holds no text",
			Hint: "deploy the orchestrator again: it writes its keys",
		}
	}
	f.options.OnSecret(key)
	return key, nil
}
