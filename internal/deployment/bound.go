package deployment

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxAnswer bounds an answer of AWS, unpacked. The largest is the state machine's history.
// The SDK decodes everything in it, which takes many times as much memory.
const maxAnswer = 4 << 20

// boundAnswers lets no service of AWS, or a server in its place, send more than [maxAnswer]. It stands
// nearest to the wire, so that nothing of the SDK reads past it.
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

// boundedBody is a body that ends in an error after so many bytes.
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
