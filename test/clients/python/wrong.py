"""Each of these mistakes is refused by the client itself; prints the numbers of those that are not."""
from openapi_client.apis import LogApi, MessagesApi
from openapi_client.exceptions import OpenApiException
from openapi_client.models import ConversationInput, MessageInput, MessageText, MessageType, TypingInput

hello = MessageInput(MessageType('T'), text=MessageText('hello'))

mistakes = [
    lambda: ConversationInput(nickname=5),
    lambda: MessageInput(MessageType('X')),
    lambda: MessageInput(MessageType('T'), text=MessageText('a' * 4001)),
    lambda: MessageInput(MessageType('T'), txt='hello'),
    lambda: MessagesApi().create_message('x', 'hello'),
    lambda: LogApi().list_events('x', after='yesterday'),
    lambda: LogApi().list_events('x', after=-1),
    lambda: LogApi().list_events('x', before=1),
    lambda: TypingInput(True).nothing,
    lambda: hello.file_url
]

for number, mistake in enumerate(mistakes):
    try:
        mistake()
    except (OpenApiException, TypeError):
        continue
    print(number)
