"""What is published and must not be found where it does not belong, and how it is looked for."""
import base64
import json
import secrets

LARGE = 200_000  # bytes of a value: more than one piece on the way


def word():
    return secrets.token_hex(12)


class Said:
    """What is published at one node and consumed at the other."""

    def __init__(self):
        self.topic = f"t{word()}.orders"
        self.rows = [{"id": word(), "text": word()} for _ in range(20)] + [{"id": word(), "text": secrets.token_hex(LARGE // 2)}]
        self.type = f"Type{word()}"

    def lines(self):
        return "".join(json.dumps(row) + "\n" for row in self.rows)

    def known(self):
        """Name -> bytes that would give it away."""
        found = {"topic": self.topic, "type": self.type}
        for number, row in enumerate(self.rows):
            found[f"key {number}"] = row["id"]
            found[f"value {number}"] = row["text"][:4000]
        return {name: value.encode() for name, value in found.items()}


def found_in(recorded, known):
    return {name for name, value in known.items() if value in recorded}


def pieces(name, content, size):
    return {f"{name} at {at}": content[at:at + size] for at in range(0, len(content) - size + 1)}


def secrets_of(invitation):
    """Pieces of an invitation, as text and as bytes; not of what it says in words, such as the address."""
    words, body = invitation.read_text().split("\n\n", 1)
    body = "".join(line for line in body.splitlines() if not line.startswith("-----"))
    found = pieces("invitation text", body.encode(), 16) | pieces("invitation", base64.b64decode(body), 12)
    return {name: piece for name, piece in found.items() if piece not in words.encode()}


def secrets_of_keys(path):
    """Pieces of a key file's secrets: as bytes, in hexadecimal and in base64."""
    content = path.read_bytes()[12:-4]
    return (pieces("key", content, 8) | pieces("key in hex", content.hex().encode(), 16) |
            pieces("key in base64", base64.b64encode(content), 12))
