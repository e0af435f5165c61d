// Package awslimit limits the responses of AWS that the SDK reads.
package awslimit

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Largest is the size of the largest response in bytes, after decompression. A page of the history of a state machine is
// the largest that is expected. Decoded by the SDK, a response takes many times as much memory.
const Largest = 4 << 20

// Responses is an option of an AWS client. It limits every response of AWS, or of a server in its place, to [Largest];
// reading a larger one returns [ErrTooLarge]. The limit is the middleware closest to the network, so that no other one
// reads more.
func Responses(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("LimitResponses", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if response, ok := out.RawResponse.(*smithyhttp.Response); ok && response.Body != nil {
			response.Body = &limitedBody{ReadCloser: response.Body, left: Largest}
		}
		return out, metadata, err
	}), middleware.After)
}

// ErrTooLarge is the error of a response that is larger than [Largest].
var ErrTooLarge = fmt.Errorf("the response is larger than %d MB", Largest>>20)

// limitedBody is a body that returns ErrTooLarge after left bytes.
type limitedBody struct {
	io.ReadCloser
	left int
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
