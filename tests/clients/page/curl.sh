ask() { curl -s "$URL" -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d @-; echo; }

ask <<'JSON'
{ "query": "{ viewer { person { name { text } } inbox(first: 3) { nodes { id subject { text withheld } unreadCount } } } }" }
JSON

ask <<'JSON'
{ "query": "mutation Post($thread: ID!, $input: PostMessageInput!) { postMessage(threadId: $thread, input: $input) { position replayed problems { __typename code message path } message { id body { text withheld } } thread { id version unreadCount } } }",
  "variables": { "thread": "BRgVOg6ukVAFsvI9hPJeUWQ", "input": { "clientMutationId": "7f0c6f5e", "body": "Any syncope?", "audience": "CLINICAL_TEAM" } } }
JSON
