"""From things that were pointed at to what prompts claim."""

from studio.domain.pointed import MORE, PERSON, SKY, Found, told_of


def thing(kind: str, x: float, y: float = 0.2, colour: str = "red", radius: float = 0.2) -> Found:
    return Found(kind, x, y, radius, {"colour": colour, "material": "plain", "glasses": "no"})


def person(x: float, **looks: str) -> Found:
    return Found(PERSON, x, -0.2, 0.3, {name.replace("_", " "): value for name, value in looks.items()})


def test_an_empty_picture_tells_only_what_is_not_there() -> None:
    assert told_of([]) == {"person": "no", "people": "0", "things": "0", "cat": "no", "unicorn": "no", "rainbow": "no"}


def test_one_person_is_told_of_without_a_side_and_two_with_theirs() -> None:
    assert told_of([person(0, hair_colour="blonde")])["hair colour"] == "blonde"
    told = told_of([person(0.4, hair_colour="grey"), person(-0.4, hair_colour="blonde")])
    assert (told["people"], told["left hair colour"], told["right hair colour"]) == ("2", "blonde", "grey")
    assert "hair colour" not in told
    assert "left hair colour" not in told_of([person(x, hair_colour="grey") for x in (-0.6, 0, 0.6)])


def test_two_things_have_sides_by_where_they_stand() -> None:
    told = told_of([thing("cube", 0.4, colour="blue"), thing("ball", -0.4)])
    assert (told["left shape"], told["left colour"], told["right shape"], told["right colour"]) == ("ball", "red", "cube", "blue")
    assert "upper shape" not in told and told["left things"] == "1"
    told = told_of([thing("cube", 0.0, y=0.4), thing("cat", 0.05, y=-0.1)])
    assert (told["upper kind"], told["lower shape"]) == ("cat", "cube") and "left kind" not in told
    told = told_of([thing("cube", -0.15, y=0.0), thing("apple", 0.15, y=0.3)])
    assert (told["front shape"], told["back shape"]) == ("apple", "cube") and "upper shape" not in told


def test_groups_are_counted_by_side_and_two_of_a_kind_are_parted_by_colour() -> None:
    apples = [thing("apple", -0.5 + 0.1 * k) for k in range(3)]
    told = told_of([*apples, thing("star", 0.5), thing("star", 0.7)])
    assert (told["things"], told["left things"], told["right things"], told["left shape"]) == ("5", "3", "2", "apple")
    told = told_of([*apples, thing("apple", 0.5, colour="green")])
    assert (told["left colour"], told["right colour"], told["left things"]) == ("red", "green", "3")
    assert "left things" not in told_of(apples)


def test_a_group_is_called_what_most_of_it_are_and_a_crowd_is_more_than_ten() -> None:
    apples = [thing("apple", x / 5, colour="green") for x in range(4)]
    told = told_of([*apples, thing("apple", -0.5)])
    assert (told["thing shape"], told["thing colour"]) == ("apple", "green"), "one in five may be misread"
    assert "thing colour" not in told_of([*apples[:2], thing("apple", -0.5)])
    told = told_of([*apples[:2], thing("cube", -0.5)])
    assert told["things"] == "3" and "thing shape" not in told
    assert told_of([thing("apple", k / 10) for k in range(11)])["things"] == MORE


def test_creatures_are_no_things_and_alike_only_when_all_are() -> None:
    cat = Found("cat", -0.4, 0, 0.4, {"colour": "black", "glasses": "yes", "material": "plain"})
    told = told_of([cat])
    assert (told["things"], told["cat"], told["cat colour"], told["cat glasses"]) == ("0", "yes", "black", "yes")
    other = Found("cat", 0.4, 0, 0.4, {"colour": "white", "glasses": "yes", "material": "plain"})
    arch = told_of([Found("rainbow", -0.4, 0, 0.4, {"colour": "red"}), other])
    assert arch["left kind"] == "rainbow" and not {"left colour", "rainbow colour", "left glasses"} & set(arch)
    assert "cat colour" not in told_of([cat, other]) and told_of([cat, other])["left colour"] == "black"


def test_a_rainbow_in_the_sky_stands_on_no_side() -> None:
    told = told_of([Found(SKY, 0, -0.6, 1.0, {}), thing("ball", -0.4), thing("cube", 0.4)])
    assert (told["rainbow"], told["left shape"], told["right shape"]) == ("yes", "ball", "cube")
