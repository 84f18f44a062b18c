"""THE CLIENT: the only room that speaks HTTP as a caller, and the only one that imports httpx."""
