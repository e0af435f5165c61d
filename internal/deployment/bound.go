package deployment

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxAnswer is the largest response of AWS in bytes, after decompression. The history of a state machine is the largest
// that is expected. Decoded by the SDK, a response takes many times as much memory.
const maxAnswer = 4 << 20

// boundAnswers adds a middleware that limits every response of AWS, or of a server in its place, to [maxAnswer]. It is
// the middleware closest to the network, so that no other one reads more.
func boundAnswers(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("BoundAnswers", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if response, ok := out.RawResponse.(*smithyhttp.Response); ok && response.Body != nil {
			response.Body = &boundedBody{ReadCloser: response.Body, left: maxAnswer}
		}
		return out, metadata, err
	}), middleware.After)
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)

// boundedBody is a body that returns errTooLarge after left bytes.
type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
