package awsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/org/ami-action/internal/sandbox/store"
)

const (
	dynamoDBTarget = "DynamoDB_20120810."
	dynamoDBForm   = "application/x-amz-json-1.0"
	dynamoDBTypes  = "com.amazonaws.dynamodb.v20120810#"

	// tagIndex is the index of the look-up table by stack tag (docs/behind-the-document.md, "The look-up table
	// of images"), and tagKey its key. tableKey is the key of the table itself.
	tagIndex, tagKey = "stack_tag_index", "stack_tag"
	tableKey         = "lookup_id"
	// maxPage is the size in bytes of the items at which a page of a query ends.
	maxPage = 1 << 20
)

// value is the value of an attribute. It has the types that items of the table, and comparisons with them, need.
type value struct {
	S    *string `json:"S,omitempty"`
	N    *string `json:"N,omitempty"`
	BOOL *bool   `json:"BOOL,omitempty"`
	NULL *bool   `json:"NULL,omitempty"`
}

// item is an item of the table: its values by attribute name.
type item map[string]value

// invalid is the message of an error that DynamoDB returns as a ValidationException.
type invalid string

func (i invalid) Error() string { return string(i) }

func invalidf(format string, args ...any) error { return invalid(fmt.Sprintf(format, args...)) }

// dynamoDBRequest holds the members of Query and GetItem that the sandbox knows.
type dynamoDBRequest struct {
	TableName, IndexName                        string
	Key, ExclusiveStartKey                      item
	KeyConditionExpression, FilterExpression    string
	ProjectionExpression                        string
	ExpressionAttributeNames                    map[string]string
	ExpressionAttributeValues                   map[string]value
	Limit                                       *int
	Select, ReturnConsumedCapacity              string
	ConsistentRead                              *bool
	ScanIndexForward                            *bool
	AttributesToGet, KeyConditions, QueryFilter json.RawMessage
	ConditionalOperator                         string
}

// dynamoDB handles a call in the JSON 1.0 protocol.
func (h *Handler) dynamoDB(w http.ResponseWriter, r *http.Request, call Call) {
	var request dynamoDBRequest
	if err := json.Unmarshal(call.body, &request); err != nil {
		WriteError(w, call, http.StatusBadRequest, "SerializationException", err.Error())
		return
	}
	name := request.TableName
	if _, table, isARN := strings.Cut(name, ":table/"); isARN {
		name = table
	}
	response, err := any(nil), error(nil)
	switch {
	case call.Operation != "Query" && call.Operation != "GetItem":
		WriteError(w, call, http.StatusBadRequest, "UnknownOperationException", "the sandbox supports Query and GetItem only")
		return
	case name != h.Table:
		WriteError(w, call, http.StatusBadRequest, "ResourceNotFoundException", "Requested resource not found")
		return
	case len(request.AttributesToGet)+len(request.KeyConditions)+len(request.QueryFilter) > 0:
		err = invalid("the sandbox takes expressions only: AttributesToGet, KeyConditions and QueryFilter are legacy parameters")
	default:
		err = h.settled(r.Context(), func(tx *store.Tx) (err error) {
			if call.Operation == "Query" {
				response, err = query(tx, request)
			} else {
				response, err = getItem(tx, request)
			}
			return err
		})
	}
	_, isInvalid := errors.AsType[invalid](err)
	switch {
	case isInvalid:
		WriteError(w, call, http.StatusBadRequest, "ValidationException", err.Error())
	case err != nil:
		WriteError(w, call, http.StatusInternalServerError, "InternalServerError", err.Error())
	default:
		writeDynamoDB(w, http.StatusOK, response)
	}
}

func getItem(tx *store.Tx, request dynamoDBRequest) (any, error) {
	names := newPlaceholders(request)
	project, err := names.projection(request.ProjectionExpression)
	if err != nil {
		return nil, err
	}
	if err := names.allUsed(); err != nil {
		return nil, err
	}
	id := request.Key[tableKey].S
	if id == nil || len(request.Key) != 1 {
		return nil, invalid("The provided key element does not match the schema")
	}
	image, err := tx.Image(*id)
	if err != nil || image == nil {
		return struct{}{}, err
	}
	return map[string]any{"Item": project(attributesOf(image))}, nil
}

// queryPage is the response to a query: one page of items.
type queryPage struct {
	Items            []item `json:",omitzero"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey item `json:",omitempty"`
}

// query returns one page. Limit counts the items read, before the filter. If the page ends before the last item,
// LastEvaluatedKey is the key after which the next page begins. A request that DynamoDB refuses is an [invalid] error.
func query(tx *store.Tx, request dynamoDBRequest) (any, error) {
	key := tableKey
	switch {
	case request.IndexName == tagIndex && request.ConsistentRead != nil && *request.ConsistentRead:
		return nil, invalid("Consistent reads are not supported on global secondary indexes")
	case request.IndexName == tagIndex:
		key = tagKey
	case request.IndexName != "":
		return nil, invalid("The table does not have the specified index: " + request.IndexName)
	}
	if request.Limit != nil && *request.Limit < 1 {
		return nil, invalid("Limit must be greater than or equal to 1")
	}
	names := newPlaceholders(request)
	wanted, err := names.keyCondition(request.KeyConditionExpression, key)
	if err != nil {
		return nil, err
	}
	matches, err := names.filter(request.FilterExpression, key)
	if err != nil {
		return nil, err
	}
	project, err := names.projection(request.ProjectionExpression)
	if err != nil {
		return nil, err
	}
	if err := names.allUsed(); err != nil {
		return nil, err
	}
	after, err := startKey(request.ExclusiveStartKey, key, wanted)
	if err != nil {
		return nil, err
	}
	found, size := queryPage{}, 0
	if request.Select != "COUNT" {
		found.Items = []item{}
	}
	visit := func(image *store.Image) (bool, error) {
		one := attributesOf(image)
		found.ScannedCount++
		if matches(one) {
			found.Count++
			if request.Select != "COUNT" {
				found.Items = append(found.Items, project(one))
			}
		}
		for name, value := range one {
			size += len(name) + len(value.text())
		}
		if size >= maxPage || request.Limit != nil && found.ScannedCount == *request.Limit {
			found.LastEvaluatedKey = item{tableKey: one[tableKey], key: one[key]}
			return false, nil
		}
		return true, nil
	}
	if key == tagKey {
		err = tx.ImagesOf(wanted, after, visit)
	} else if image, findErr := tx.Image(wanted); findErr != nil || image != nil && after == "" {
		if err = findErr; err == nil {
			_, err = visit(image)
		}
	}
	return found, err
}

// startKey returns the id in ExclusiveStartKey, which is the id of the last item of the page before, or "" if there is
// no start key. A start key of another form or with another value of the key is an [invalid] error.
func startKey(start item, key, wanted string) (string, error) {
	if len(start) == 0 {
		return "", nil
	}
	expected := map[string]bool{tableKey: true, key: true}
	for name := range start {
		if !expected[name] || start[name].S == nil {
			return "", invalid("The provided starting key is invalid")
		}
	}
	if len(start) != len(expected) {
		return "", invalid("The provided starting key is invalid")
	}
	if *start[key].S != wanted {
		return "", invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	return *start[tableKey].S, nil
}

func attributesOf(image *store.Image) item {
	text := func(s string) value { return value{S: &s} }
	score := strconv.Itoa(image.Score)
	return item{
		tableKey: text(image.LookupID), "lifecycle_id": text(image.LifecycleID), tagKey: text(image.StackTag),
		"product_name": text(image.ProductName), "product_ver": text(image.ProductVer),
		"commit_ref": text(image.CommitRef), "ami_id": text(image.AMIID), "ami_semver": text(image.Version),
		"aws_region": text(image.Region), "lifecycle_type": text(image.Type),
		"lifecycle_event": text(string(image.Event)), "lifecycle_score": {N: &score},
		"last_modified": text(image.Modified),
	}
}

// writeDynamoDB writes the response as JSON, with the checksum that clients of DynamoDB compare.
func writeDynamoDB(w http.ResponseWriter, status int, response any) {
	body, err := json.Marshal(response)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", dynamoDBForm)
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.Header().Set("X-Amzn-Requestid", requestID)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
