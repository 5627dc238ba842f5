"""Ana and bia talk by the client that openapi-generator makes, at the address given."""
import io
import json
import sys

from openapi_client import ApiClient, ApiException, Configuration
from openapi_client.apis import ConversationsApi, LogApi, MessagesApi, SessionsApi
from openapi_client.models import (
    ConversationCreated, ConversationInput, ConversationName, JoinInput, LocalId, Message, MessageCreated,
    MessageInput, MessageText, MessageType, Nickname, ParticipantJoined, SessionInput, SystemMessage, TextMessage
)


def main(address):
    ana, bia = (sign_in(address, name) for name in ('ana', 'bia'))

    conversation_input = ConversationInput(name=ConversationName('Tea'), bots=['ECHO'])
    created = ConversationsApi(ana).create_conversation(conversation_input=conversation_input)
    refused = None
    try:
        MessagesApi(bia).list_messages(created.id)
    except ApiException as error:
        problem = json.loads(error.body)
        refused = f"{problem['status']} {problem['code']}"
    joined = ConversationsApi(bia).join_conversation(created.id, join_input=JoinInput())

    hello = MessageInput(MessageType('T'), text=MessageText('hello'), local_id=LocalId('l1'))
    first, again = (MessagesApi(ana).create_message(created.id, hello, _return_http_data_only=False) for _ in range(2))
    sent = upload(ana, created.id, 'note.txt', b'the bytes of the file', 'with a file')
    folder, file = sent.file_url.split('/')[-2:]
    with MessagesApi(bia).get_media(folder, file) as media:
        content = media.read().decode()

    texts, after, more = [], 0, True
    while more:
        page = MessagesApi(bia).list_messages(created.id, after=after, limit=1)
        texts += [message.text for message in page.results if not isinstance(message, SystemMessage)]
        after, more = page.results[-1].seq, page.next is not None

    happened, after, more = [], 0, True
    while more:
        page = LogApi(bia).list_events(created.id, after=after, limit=3, wait=1)
        happened += [tell(event) for event in page.events]
        after, more = page.events[-1].seq, page.has_more

    return {
        'participants': [participant.name for participant in joined.participants],
        'texts': texts,
        'repeated': first[1] == 201 and again[1] == 200 and first[0].id == again[0].id,
        'file': content,
        'happened': happened,
        'refused': refused
    }


def sign_in(address, nickname):
    session = SessionsApi(client(address)).create_session(session_input=SessionInput(nickname=Nickname(nickname)))
    return client(address, session.token)


def client(address, token=None):
    # Without a token the attribute has to be there, too, which the generator forgets.
    configuration = Configuration(host=address)
    configuration.access_token = token
    configuration.temp_folder_path = '.'
    return ApiClient(configuration)


def upload(api_client, conversation_id, name, content, text):
    """The generator takes the first media type of a body; the form is sent by what its methods call."""
    file = io.BytesIO(content)
    file.name = name
    return api_client.call_api(
        '/api/chat/conversations/{conversation_id}/messages/', 'POST',
        path_params={'conversation_id': conversation_id},
        header_params={'Content-Type': 'multipart/form-data'},
        post_params=[('type', 'A'), ('text', text)],
        files={'file': [file]},
        response_type=(Message,),
        auth_settings=['bearer'],
        _return_http_data_only=True,
        _check_type=True
    )


def tell(event):
    if isinstance(event, ConversationCreated):
        return f'{event.type} {event.conversation.name}'
    if isinstance(event, ParticipantJoined):
        return f'{event.type} {event.participant.name}'
    if isinstance(event, MessageCreated):
        return f'{event.type} {tell_message(event.message)}'
    return event.type


def tell_message(message):
    if isinstance(message, SystemMessage):
        return message.event
    return message.text if isinstance(message, TextMessage) else message.file_name


if __name__ == '__main__':
    print(json.dumps(main(sys.argv[1])))
