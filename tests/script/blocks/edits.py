"""What an author does on the canvas: take blocks out and put them in."""

from flows.script.blocks.codec import Workspace
from flows.script.blocks.workspace import Block


def find(workspace: Workspace, kind: str, number: int = 0) -> Block:
    """The n-th block of a type, in the order of the text."""
    return [block for block in workspace.blocks.values() if block.type == kind][number]


def unlink(workspace: Workspace, block: Block) -> None:
    """Take a statement out, with what is in it and without what follows it."""
    following, block.next = block.next, None
    if workspace.first == block.id:
        workspace.first = following
        return
    for other in workspace.blocks.values():
        if other.next == block.id:
            other.next = following
            return
        for name, child in list(other.inputs.items()):
            if child == block.id and following is not None:
                other.inputs[name] = following
            elif child == block.id:
                del other.inputs[name]


def delete(workspace: Workspace, block: Block) -> None:
    """Take a statement away, with what is in it."""
    unlink(workspace, block)
    drop(workspace, block.id)


def drop(workspace: Workspace, first: str) -> None:
    """Forget a block and all that hangs on it."""
    waiting = [first]
    while waiting:
        block = workspace.blocks.pop(waiting.pop())
        waiting += block.inputs.values()
        waiting += [block.next] if block.next else []


def put_after(workspace: Workspace, block: Block, after: Block) -> None:
    """Put a statement below another."""
    block.next, after.next = after.next, block.id


def put_into(workspace: Workspace, block: Block, around: Block, name: str = "BODY") -> None:
    """Put a statement at the start of a body."""
    block.next = around.inputs.get(name)
    around.inputs[name] = block.id


def put_first(workspace: Workspace, block: Block) -> None:
    """Put a statement at the start of the script."""
    block.next, workspace.first = workspace.first, block.id


def add(workspace: Workspace, kind: str, **fields: str) -> Block:
    """A new block that stands nowhere yet."""
    block = Block(f"new{len(workspace.blocks)}", kind, dict(fields))
    workspace.blocks[block.id] = block
    return block


def inside(workspace: Workspace, block: Block) -> set[str]:
    """The blocks in a block, itself included."""
    found, waiting = {block.id}, list(block.inputs.values())
    while waiting:
        one = workspace.blocks[waiting.pop()]
        found.add(one.id)
        waiting += [*one.inputs.values(), *([one.next] if one.next else [])]
    return found
