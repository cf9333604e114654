import type { Departures } from "./s3-contract.ts";

const API = "https://docs.aws.amazon.com/AmazonS3/latest/API";
const GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide";

/**
 * Where moto departs from S3, by test of the contract: its behaviour, how the test fails, and the document it
 * contradicts.
 */
export const motoDepartures: Departures = {
  "a read may override headers of the response": {
    departs: "it keeps the object's own",
    seen: "to match object { ContentType: 'text/html'",
    source: `${API}/API_GetObject.html`,
  },
  "a malformed range is ignored": {
    departs: "it takes the end for the start",
    seen: "expected [ 206, '23' ]",
    source: "https://www.rfc-editor.org/rfc/rfc9110#section-14.1.1",
  },
  "a key that is too long is refused": {
    departs: "it counts characters, not bytes",
    seen: "instead of rejecting",
    source: `${GUIDE}/object-keys.html`,
  },
  "content that does not match its checksum is refused, and changes nothing": {
    departs: "it accepts any content",
    seen: "instead of rejecting",
    source: `${GUIDE}/checking-object-integrity-upload.html`,
  },
  "more metadata than S3 allows is refused": {
    departs: "it does not count values",
    seen: "instead of rejecting",
    source: `${GUIDE}/UsingMetadata.html`,
  },
  "a quiet delete reports only failures": {
    departs: "it reports all deletions",
    seen: "to be undefined",
    source: `${API}/API_DeleteObjects.html`,
  },
  "a list of at most 0 keys is empty and complete": {
    departs: "it reports that more keys follow",
    seen: "to match object { KeyCount",
    source: `${API}/API_ListObjectsV2.html`,
  },
  "version 1 of the listing continues from a marker": {
    departs: "it counts no common prefixes",
    seen: "to deeply equal",
    source: `${API}/API_ListObjects.html`,
  },
  "a copy has the content and, by default, the metadata of its source": {
    departs: "it ignores conditions on the source",
    seen: "instead of rejecting",
    source: `${API}/API_CopyObject.html`,
  },
  "an object uploaded in parts appears once it is complete": {
    departs: "it fails on a part that comes too late",
    seen: "name: 'NoSuchUpload'",
    source: `${API}/API_UploadPart.html`,
  },
  "an upload cannot be completed with parts in another order, or with parts that were not sent": {
    departs: "it accepts any order",
    seen: "instead of rejecting",
    source: `${API}/API_CompleteMultipartUpload.html`,
  },
  "an aborted upload accepts no more parts": {
    departs: "it reports part 0 as a missing upload",
    seen: "expected NoSuchUpload",
    source: `${API}/API_UploadPart.html`,
  },
  "an object uploaded in parts has the requested checksum, of its parts or of the whole": {
    departs: "it reports none",
    seen: "got undefined",
    source: `${API}/API_CompleteMultipartUpload.html`,
  },
};
