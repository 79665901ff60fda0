"""The policy's word lists, as data. `*` ends a stem; a blank lets a comma or a stop stand between two words.

Lists under ALLOWED are ordinary phrases that hold a refused word; no mark may stand inside them.
"""

GARMENTS = (
    "clothes|clothing|cloths|clothe|shirt|shirts|tshirt|blouse|dress|gown|bra|bras|panties|panty|pants|underwear|undies|"
    "knickers|outfit|outfits|top|tops|bikini|bikinis|swimsuit|swimwear|skirt|skirts|garment|garments|lingerie|"
    "trousers|shorts|robe|bathrobe|towel|nightgown|pyjamas|pajamas|leotard|everything|wetsuit"
)

SEXUAL = """
nude nudes nudity nudist* naturist* bareass* nudism nudify* nudifi* undress* disrob* unclothed unclad denude* deepnude* topless naked nakedness
nekkid nakey bottomless pantless pantyless pantieless braless porn* pornstar xxx nsfw hentai sex sexual sexually sexualis*
sexualiz* sexed orgasm* masturbat* blowjob* handjob* footjob* rimjob* titjob* cumshot* cum cumming penis penises vagina*
vulva* genital* labia clitoris clit scrotum testicles pussy pussies tits titties titty boobs boobies boobie nipple nipples
areola* erotic* erotica orgy orgies gangbang* threesome foursome deepthroat* creampie* anal anus erection* horny dildo*
vibrator* buttplug* cameltoe upskirt* downblouse* milf* ecchi ahegao futanari yiff r18 rule34 xrated lewd* smut*
striptease* stripper* stripteas* camgirl* onlyfans bdsm fetish* bondage rape raped raping rapist molest* incest
bestiality zoophil* necrophil* fellatio cunnilingus fuck* cunt cunts slut* whore* ejaculat* semen jizz
sextape sexting dickpic* barebreasted barechested uncensored camelto* nipslip* skinnydip* fap fapping
having sex|adult film|adult content|adult video|x rated|18 plus content|r 18|r18g|rule 34|no bra|without bra|no panties|no underwear|no undies
without underwear|without panties|no clothes|no clothing|without clothes|without clothing|without any clothes|without any clothing
without a stitch|not a stitch|no garments|nothing on|wearing nothing|wears nothing|dressed in nothing|wear nothing|clothed in nothing
nothing underneath|nothing under her|nothing under his|nothing under it|nothing beneath|nothing but her|nothing but his
nothing but a smile|nothing but skin|nothing but heels|nothing else on|only her skin|birthday suit|au naturel|in the buff|in the raw
skinny dip*|full frontal|going commando|nip slip|camel toe|wardrobe malfunction|wet t shirt|wet tshirt|clothes off|clothes removed
clothing removed|clothing off|clothes removal|cloth removal|clothing removal|shirt off|bra off|panties off|panties down|dress off|top off
exposed breast|exposed breasts|exposed nipple*|exposed genital*|exposed buttocks|exposed chest|exposed bosom|bare breast|bare breasts
bare breasted|bare bosom|bare chested|bare chest|bare bottom|bare butt|bare ass*|bare arsed|nobody wears anything|not wearing anything|wearing no thing|without anything on|with nothing on|without wearing anything|bare buttocks|bare bum|bare naked|butt naked|buck naked
stark naked|half naked|semi naked|semi nude|big breasts|large breasts|huge breasts|her breasts|breasts exposed|breasts visible|breasts out
breasts bare|naked breasts|breast exposed|perky breasts|her breast|his dick|big dick|dick pic*|suck* dick|hard dick|huge cock
big cock|his cock|suck* cock|hard cock|crotch shot|pubic hair|pubes|private parts|intimate parts|spread* her legs|legs spread wide
legs wide open|spread eagle|doggy style|doggystyle|missionary position|cowgirl position|sexual position|make love|making love|made love
strip naked|stripped naked|strip* nude|stripping naked|strip* her|strip* him|strip* down to|strips down|stripped bare|strip* off|strip poker|strip club
strip tease|strip show|playboy centerfold|playboy magazine|playboy shoot|playboy spread|playboy bunny|playboy model|sex toy*|butt plug*
x ray clothes|xray clothes|x ray vision clothes|see under her clothes|see beneath her clothes|under her skirt|up her skirt|down her blouse
nothing to wear but|wearing only her|wears only her|clad only in her skin|undone bra|bra undone|completely exposed body|bosom exposed|exposing her breast*
exposing her body|showing her breast*|shows her breast*|flashing her breast*|flashing her|flashes her breast*|baring her breast*|baring her body|bares her breast*|bared breast*
"""

SEXUAL_OTHER_LANGUAGES = """
nackt nackte nackter nacktes nackten nacktem nacktheit nacktfoto* nacktbild* nacktmodell* splitternackt* halbnackt* unbekleidet*
entkleid* ausgezogen* hullenlos* barbusig* titten ficken fotze porno* erotisch* erotik*
oben ohne|ohne kleidung|ohne kleider|ohne klamotten
ohne bh|zieht sich aus|zieht sich nackt aus|sich ausziehen|kleidung entfern*|kleider entfern*|entfern* ihre kleid*|entfern* die kleid*
nichts an|ohne unterwasche|nur in ihrer haut|zieht ihr kleid aus|zieht das kleid aus|zieht ihre kleid* aus
nue nues nus denud* deshabill* devetu* seins sexe erotique* pornograph*
femme nu|homme nu|fille nu|corps nu|entierement nu|completement nu
totalement nu|tout nu|a poil|sans vetement*|sans habits|sans soutien gorge|sans culotte|seins nus|poitrine nue|enlev* ses vetements
enlev* les vetements|enlev* sa robe|enlev* son soutien gorge|retir* ses vetements|retir* les vetements|retir* sa robe|ote* ses vetements
desnud* semidesnud* desvest* desvist* encuerad* tetas sexo
seno desnudo|sin ropa|sin prendas|quit* la ropa|quit* su ropa|quit* el vestido|quit* el sujetador|sin sujetador
sin bragas|en cueros|en pelotas|sacarse la ropa|sacandose la ropa
nuda nudo nudi seminud* spogliarsi spogliata spogliato spogliati spogliarello denudat* sesso tette
senza vestiti|senza veli|senza abiti|senza reggiseno
si spoglia|tog* i vestiti|togli* la maglietta|togli* il reggiseno|togliendosi i vestiti|rimuov* i vestiti|seno scoperto|seni nudi
nua nuas pelada peladas seminua* despid* despir* despindo peitos
mulher nu|homem nu|sem roupa|sem roupas|sem sutia|sem calcinha|tir* a roupa|tir* as roupas|tir* o vestido
remov* a roupa|remov* as roupas
naakt naakte naaktfoto* halfnaakt* bloot ontkleed* uitkleden uitgekleed* tieten seks pornografisch*
kleedt zich uit|zonder kleren|zonder kleding|zonder bh|trek* haar kleren uit
blote borsten|blote billen|blote tieten|trekt haar jurk uit|kleren uit
alaston alasti alastom* alastonkuva* puolialaston puolialasti riisuutu* riisuuntu* ylaosaton* ylaosattom* tissit nannit seksi seksia pornokuva* ilman vaatteita
riisu* vaatteensa|riisu* vaatteet|rinnat paljaana|paljain rinnoin|vaatteet pois
голая голый голой голую голые голых голым голыми гола голу нагая нагой нагую нагие нагих ню обнажен* обнаженн* полуобнаж* полуголая полуголый полуголой раздет* раздева* раздень* разден* догола
порн* секс секса сексом эротик* эротич* топлес* сиськ* сиски соски трах* стриптиз* оголен* роздягн*
без одежды|без белья|без лифчика|без одягу|снять одежду|снимает одежду|снять с нее|сними с нее|сняла платье|снимает платье|снимает бюстгальтер
nagie nagich nagiej nago nagosc polnaga polnagi rozebran* rozbier* obnazon* pornografi* seksu cycki
naga kobiet*|naga dziewczyn*|naga modelk*|naga pani|kobieta naga|calkiem naga|zupelnie naga|jest naga|nagi mezczyzn*|nagi facet|bez ubrania|bez ubran|bez stanika|bez bielizny|zdejm* ubranie|zdejm* sukienke|zdejm* stanik|topless
naken nakna naket halvnaken
utan klader|uten klaer|uden toj|tar av sig kladerna|kladerna av|bara brost
ciplak soyun* kiyafetsiz elbisesiz
uten kler|bez oblecenia|bez obleceni|fara haine|ruha nelkul
meztelen* dezbracat* svlecen* vysvlecen*
telanjang bugil
khoa than|tanpa busana|tanpa pakaian
عارية عاري عاريه عاريات تعري اباحي اباحية جنسي جنسية
بدون ملابس|بلا ملابس
नग्न नंगी नंगा अश्लील
बिना कपड़ों|कपड़े उतार*
ערום ערומה עירום
"""

SEXUAL_ACCENTED = (
    "nøgen",
    "nøgne",
    "nahá",
    "nahý",
    "nahé",
    "nudité",
    "dénudé",
    "nudità",
    "nudez",
    "nú",
    "nús",
)

SEXUAL_CJK = (
    "裸体", "裸體", "裸照", "裸身", "裸女", "裸男", "全裸", "半裸", "赤裸", "裸の", "裸で", "裸に", "素っ裸", "丸裸", "真っ裸", "すっぽんぽん", "ヌード", "はだか",
    "裸露", "裸婦", "裸婦", "裸像", "裸写真", "ポルノ", "セックス", "エロ", "えっち", "性器", "乳首", "乳房", "おっぱい", "脱衣", "脱がせ", "脱がす", "服を脱", "脱いだ裸", "ドレスを脱",
    "下着を脱", "服なし", "服を着ていない", "何も着ていない", "何も着てない", "トップレス", "下着なし", "ノーブラ", "ノーパン", "ストリップ", "官能", "痴漢", "淫", "猥褻",
    "色情", "性爱", "性愛", "做爱", "做愛", "性交", "脱光", "脱掉衣", "脱掉她", "脱下衣", "脱下她", "脱去衣", "脫光", "脫掉衣", "脫衣", "没穿衣", "沒穿衣", "不穿衣", "没有穿衣", "沒有穿衣",
    "一丝不挂", "一絲不掛", "无衣", "露点", "露點", "露胸", "乳头", "乳頭", "阴部", "陰部", "色图", "黄片", "三级片", "情色", "春宫", "走光",
    "누드", "알몸", "나체", "벌거벗", "벗은여", "벗은몸", "옷을벗", "옷벗", "전라", "섹스", "포르노", "야동", "음란", "가슴노출", "노출된가슴", "토플리스", "발가벗",
)  # fmt: skip

SEXUAL_ALLOWED = """
ampoule nue|ampoules nues|mur nu|paroi nue|parois nues|pierre nue|pierres nues|roche nue|terre nue|colline nue|branche nue|lampadina nuda|lampadine nude|parete nuda|pietra nuda|roccia nuda|terra nuda|ramo nudo|albero nudo|colline nude
bombilla desnuda|bombillas desnudas|piedra desnuda|roca desnuda|tierra desnuda|rama desnuda|colinas desnudas|lampada nua|lampadas nuas|parede nua|pedra nua|terra nua|rocha nua|nackte gluhbirne|nackter fels|nackter stein|nackten stein|nacktem stein|nackte erde|nacktem erdboden|nackte aste|nackten aste|naga zarowka|naga sciana|goly mur|kaal peertje|golaya lampochka|голая лампочка|голой стене|голая земля|голой лампочкой
nude heels|nude heel|nude pumps|nude pump|nude lipstick|nude lipsticks|nude lip|nude lips|nude lip gloss|nude gloss|nude nails|nude nail|nude nail polish|nude polish
nude makeup|nude make up|nude eyeshadow|nude palette|nude tones|nude tone|nude shades|nude shade|nude color|nude colour|nude coloured|nude colored|nude colors|nude colours
nude tights|nude stockings|nude pantyhose|nude hosiery|nude shoes|nude sandals|nude stilettos|nude flats|nude boots|nude handbag|nude bag|nude clutch|nude beige|nude pink|nude blush|nude manicure
nude mouse|nude mice|nude sweater|nude coat|nude blazer|nude trench coat|nude cardigan|nude scarf|nude belt|nude leather|nude palette|nude hue|nude hues|nude foundation|nude satin heels|nude suede
naked eye|naked eyes|naked flame|naked flames|naked truth|naked mole rat|naked mole rats|naked city|naked cake|naked cakes|naked gun|naked juice|naked bike|naked bikes|naked motorcycle|naked branches|naked trees|naked tree|naked light bulb|naked bulb|naked brick|naked wire|naked lunch|naked burrito|naked wood|naked steel|naked concrete
bottomless pit|bottomless brunch|bottomless mimosa|bottomless mimosas|bottomless coffee|bottomless cup|bottomless fries|bottomless lake|bottomless well|bottomless basket
sex education|sex ed|sex and the city|same sex|opposite sex|sex pistols|sex ratio|battle of the sexes|sex discrimination|sex equality|fairer sex|biological sex|sex of the|sex chromosome*
sexual health|sexual education|sexual harassment awareness|sexual harassment training|sexual selection|sexual orientation|sexual equality|sexual assault awareness
breast stroke|breast pocket|breast cancer*|breast plate|bottle nipple|bottle nipples|grease nipple|pipe nipple|nipple fitting|blue tits|blue tit|great tits|coal tits|tufted titmouse|long tailed tits|marsh tits|willow tits
pussy willow|pussy willows|pussy bow|pussy cat|pussy riot|pussy cats|pussy foot|cum laude|horny toad|horny toads|horny goat weed
bluefooted boobies|redfooted boobies|blue footed boobies|red footed boobies|footed boobies|brown boobies|boobies bird|boobies nesting|erection of the|erection of a|oilseed rape|rape seed|rape seeds|rape blossom|rape blossoms|rape fields|rape flowers|rape field|bond age|bondage of debt
strip off the old paint|strip off the paint|strip off paint|strip off wallpaper|strip off the wallpaper|strip off the varnish|strip off varnish|top off the|top off her drink|top off her coffee|top off her glass|top off a|top off his
with a convertible top off|hat and top off|jewellery top off|convertible with the top off|car with the top off|jeep with the top off|car top off
making love heart|her breast pocket|her breasts pocket|his breast pocket|stripping her old|strip* her of her title|strip* him of his title|flashing her smile|flashing her badge|flashing her headlights|flashing her teeth|flashing her id|flashing her eyes|flashing her credentials|flashing her brightest smile
fuck off sign|anal retentive|nothing on the table|nothing on the wall|nothing on the walls|nothing on her mind|nothing on the shelf|nothing on the desk|nothing on the plate|nothing on his mind|nothing on the shelves|nothing on tv|nothing on television|nothing on it|nothing on the floor|nothing on the screen|nothing under it but sand|nothing beneath the bridge|nothing under it but
nothing but her dog|nothing but her camera|nothing but her backpack|nothing but his dog|nothing but her guitar|nothing but her thoughts|nothing but her bike|nothing but her tent|nothing but her shadow|nothing but her notebook
nothing but his guitar|nothing but his thoughts|nothing but her books|nothing but her voice|nothing underneath the|nothing underneath the table|nothing underneath the car
fetish sculpture|nkisi fetish|zuni fetish|vibrator motor|concrete vibrator|phone vibrator|rubber boobies prize|booby prize|booby trap*|bare chested tree|semen analysis lab|anal fin
pieds nus|pied nu|oeil nu|tete nue|bras nus|epaules nues|jambes nues|mains nues|branches nues|murs nus|arbres nus|dos nu|epaule nue|nu metal|nu jazz|nu disco|nu skin|sexe oppose|collines nues|arbre nu|egalite des sexes
pies desnudos|pie desnudo|ojo desnudo|hombros desnudos|brazos desnudos|pared desnuda|paredes desnudas|arboles desnudos|arbol desnudo|ramas desnudas|manos desnudas|piernas desnudas|verdad desnuda|sexo opuesto
piedi nudi|piede nudo|occhio nudo|spalle nude|braccia nude|gambe nude|mani nude|rami nudi|alberi nudi|pareti nude|nuda verita|muro nudo|sesso opposto|nuda proprieta
pes nus|olho nu|ombros nus|bracos nus|maos nuas|arvore nua|arvores nuas|paredes nuas|jogo de pelada|jogando pelada|pelada na praia|pelada de futebol|jogar pelada|sexo oposto
nackte wahrheit|nackten fussen|nackte fusse|nackte wand|nackte wande|nackten wande|nackte baume|nackter beton|nackten beton|nackte felsen|nackten fels|nackte arme|nackte zahlen|nackten fuessen|mit nackten fussen|nichts an der wand|nichts an den wanden|gleichen geschlecht
blote voeten|blote armen|blote hemel|naakte feiten|naakte waarheid|naakte muren|naakte bomen|blote oog
голые ветки|голые ветви|голых ветвей|голые стены|голыми руками|голые деревья|голых деревьев|голые руки|голые ноги|голые плечи|голые скалы|голой земле|голая степь|голым глазом|голых скал|голая скала|голых ветках|голыми ветвями|голыми ветками
naga prawda|nagie drzewa|nagie skaly|nagie sciany|nagich drzew|naga chili|naga chilli|naga jolokia|naga pepper|naga viper|naga statue|naga temple|naga skala|nagie galezie|naga guardian|naga serpent|naga staircase|nagi serwer
naken sanning|nakna trad|nakna klippor|nakna grenar|alasti kivi|alaston totuus|alastomat puut|paljain jaloin|seksi kappaletta|ciplak ayak|ciplak ayakla|ciplak gozle|ciplak agac|ciplak agaclar
uncensored history|bottomless ocean|transparent umbrella|fetish figure|erotic poetry of|x rated sign|homo erectus|semi nude lipstick|semi nude heels|anus horribilis|annus horribilis
clothes off the line|clothes off the rack|clothes off the washing line|clothes hanger*|clothes rack*|clothes line*|clothes peg*|clothes shop*|clothes store*|clothes horse|clothes moth*|clothes pin*|clothing off the rack|dressed in nothing fancy|wearing nothing fancy|wearing nothing special|wearing nothing flashy|wearing nothing showy|wearing nothing bright|wearing nothing formal|wearing nothing unusual|wearing nothing expensive|wearing nothing elaborate|wearing nothing too|wearing nothing out of|wearing nothing warm*|wearing nothing on her head|wearing nothing on his head|nua e crua|nuda e cruda
cum laude|magna cum laude|summa cum laude|kitchen cum dining|living cum dining|bedroom cum study|top off the look|she tops off|hat off|vibrator shop
"""

CJK_ALLOWED = ("裸足", "裸眼", "裸麦", "裸色", "裸妆", "裸妝", "裸婚", "裸辞", "裸子植物", "裸電球", "裸机", "裸车", "裸粉", "裸考", "裸木", "裸岩", "裸馬", "裸の木", "裸の電球", "裸の枝", "裸の岩", "裸の壁", "エロイカ", "エローラ", "エロス・ギャラリー",
               "子供の絵", "子どもの絵", "子供の落書き", "子供部屋", "子ども部屋", "子供の頃の写真", "子ども図書館", "子供服", "儿童画", "儿童房", "儿童医院", "儿童书", "儿童读物", "儿童节", "儿童乐园", "儿童玩具", "儿童座椅", "孩子的画", "孩子们的画", "女孩子", "孩子气", "男孩子气", "儿童游乐场", "兒童畫", "小学校の校舎", "小学生の絵", "妈妈的孩子画",
               "赤ちゃんの写真立て", "赤ちゃん用品", "婴儿蓝", "嬰兒藍", "婴儿车", "嬰兒車", "婴儿床", "满天星", "아이돌", "아이스", "아이디", "아이콘", "아이폰", "아이템", "아이섀도", "아이라이너", "아이보리", "어린이집", "어린이날", "어린이대공원", "어린이책", "아이슬란드", "아이들의그림", "아이의그림", "어린이그림", "전라도", "전라남도", "전라북도", "감수성기")  # fmt: skip

CHILD = """
laddie laddies lassie lassies tyke tykes moppet urchin urchins rugrat rugrats schoolmate* nymphette* orphan orphans peripubert*
tween at|tween in|tween with|tween on|ankle biter*|cub scout*|brownie scouts|wee lass|wee lad|wee girl|wee boy|wee bairn|small child*|young lad|young lads
child children childs childrens childen kid kids kiddo kiddos kiddie kiddy toddler* infant infants newborn newborns baby babies babys minors underage underaged underag*
teen teens teenage teenaged teenager* teeny teenybopper preteen*
pre teen|pre teens
tweens adolescent* pubescent* prepubescent* prepubesc* preadolescent*
juvenile juveniles youngster youngsters schoolgirl* schoolboy* schoolchild* schoolkid*
school girl|school girls|school boy|school boys|school child|school children|school kid|school kids
loli lolis lolita* lolicon* shota shotas shotacon* jailbait nymphet* pedo pedos pedophil* paedophil* childlike
child like|childish body|childish figure|childs body|childs face
little girl|little girls|little boy|little boys|young girl|young girls|young boy|young boys|small girl|small boy|tiny girl|tiny boy|little one|little ones|little kid|baby girl|baby boy|babygirl
boy boys
high schooler*|highschooler*|middle schooler*|high school student*|high school girl*|high school boy*|high school cheerleader*|high school senior|high school junior
middle school student*|elementary school student*|elementary school girl|primary school pupil*|elementary student*|preschooler*|kindergartner*|kindergartener*|grade schooler*
first grader*|second grader*|third grader*|fourth grader*|fifth grader*|sixth grader*|seventh grader*|eighth grader*|ninth grader*|tenth grader*|junior high|school uniform
tween girl*|tween boy*|a tween|tween model|tween selfie|girl scout|girl scouts|boy scout|boy scouts|brownie scout*
grandchild grandchildren godchild stepchild
barely legal|not yet 18|under 18|below 18|under eighteen|younger than 18|below eighteen|under age|not of age
younger self|childhood self|childhood version|child version|kid version|younger version|de aged|deaged|age regress*|in her childhood|in his childhood|during her childhood|as a youth|early teens|sweet sixteen
when she was little|when she was young|when she was small|when he was little|when he was young|when she was a girl|when she was younger|back when she was little|in her teens|in his teens|in their teens|underdeveloped body|flat chested girl|petite girl body|girl of twelve|girl of ten|girl of fifteen|girl of fourteen|girl of thirteen|girl of sixteen
minor girl|minor boy|a minor naked|a minor undress*|female minor|male minor|minor child|is a minor|legal minor
"""

CHILD_OTHER_LANGUAGES = """
kindern schulklasse schulklassen denfant denfants lenfant dadolescen* ladolescen* unadolescen* lecolier* lecoliere*
kluk kluka kluku klucich nemluvn* kluci kluky klukem klukovi batole batolat* batolete batoleti batoletem mimino mimina miminu miminka miminem chlapcem chlapci chlapcu chlapecka ditetem diteti detmi detem devcatko devcatka devcata
mala divka|male divky|malou divku|male divce|male devce|maly chlapec|maleho chlapce
chlopcow chlopcami chlopcom dzieciom dzieciach dziecmi dziecku dziewczynek niemowlak*
garoto jongen jongens poikien pojille pojasta poikansa lapsineen pojkens barnens barnet cocuga cocugunu cocuklarla cocuklara gyermekek fiuk kisfiuk
barn i|barn pa|barn med|barn och|barn og|och barn|og barn|med barn|ett litet barn|et lille barn
bub buben knabe knaben halbwuchsige* heranwachsende* kleinkinder grundschulkind* kindergartenkind*
ein junge|dieser junge|jeder junge|zwei jungen|drei jungen|junge mit|junge im|junge am|junge auf dem|junge in der|kinder auf|kinder im|kinder am|kinder und|kinder beim|kinder mit|kinder vor|kind auf|kind im|kind am|kind mit
kind spielt|kind schlaft|kind beim|vier kinder|viele kinder|einige kinder|als baby|als teenager
gamin gamine gamins gamines gosse gosses marmot marmots moutard bambin bambins ados prepubere* collegien* lyceen*
un ado|une ado|nouveau ne|nouveaux nes|jeune garcon|jeunes garcons|petit enfant|un mineur|des mineurs|en bas age|deux garcons|trois garcons|un petit gars
un garcon avec|un garcon dans|un garcon sur|un garcon en|un garcon qui|un garcon au|un garcon assis|un garcon joue|des garcons jouent
chaval chavala chavales chavalin* quinceanera* chiquitin* bebita bebito chamac* preadolesc* impuber* ninita ninito ninitas ninitos
un nene|una nena|la nena|el nene|un crio|una cria con|una cria en|un escolar|una escolar|unos escolares|escolares con|escolares en|nina con|nina en|nino con|nino en|con una nina|recien nacid*
bimba bimbe bimbi fanciull* adolescenti scolara scolari ragazzett* lattante lattanti
un bimbo|il bimbo
miudo miuda miudos miudas garotos rapazinho* rapazito* petiz moleque moleques bebezinh* criancinha*
um garoto|recem nascid*|pre adolesc*
jochie jongetje* meisjetje* puber pubers kindje* schoolkind* babytje*
een jongen|twee jongens|kleine jongens|jongen met een|kind met een|kind op een|twee kinderen|jong kind|pasgeboren*
dzieciak* bobas* brzdac* chlopcy chlopcem chlopcu niepelnoletni* nieletnia nieletniej nieletniego nieletnich nastolet* podlotek noworod*
male dziecko|mala dziewczyna|mlody chlopiec
poika pojat pojan pojalla poikaa poikia pojilla lapsella lapsesta lapsilla lapsista lapselle lapsien murrosikai* kakara kakarat esiteini*
nuori tytto|pieni tytto|pienet tytot|nuori poika|pieni poika|pikku tytto|pikku poika|vastasyntyn*
pojke pojken pojkar pojkarna smaflick* smapojk* dreng drengen drenge drengene smapige* gutt gutten guttene smajent* bebis bebisar spedbarn skolbarn skolebarn skolepige* skoledreng* skolgutt*
ett barn|et barn|barn leker|barn leger|barn som|barnen|litet barn|lille barn|lite barn|sma barn|tva barn|tre barn|lille dreng|liten gutt|liten pojke|ung flicka|ung pige|ung jente
пацан* малолет* младшекласс* детсадов* новорожден* отрок* дитя хлопчик* підліт* школяр*
cocugu cocugun cocuklari bebegi
erkek cocuk|kiz cocuk|resit olmayan|ufak kiz|ufak cocuk|lise ogrencisi|ilkokul ogrencisi
deti chlapec chlapci chlapce chlapecek nezletil* neplnolet* miminko kojenec pubertak* dospivajici holcick* dievcat* chlapcek babatko
mala holka|maly kluk
kiskoru* tinedzser* kamasz* kisgyer* gyermek* gyerekek csecsemo ovodas* iskolaslany iskolasfiu
minora baietel* bebelus* adolescenta fetite baieti
un baiat|o fata minora
παιδι παιδια παιδακι αγορι αγορια αγορακι κοριτσακι εφηβ* ανηλικ* μωρο μαθητ* νηπι*
μικρο κοριτσι
дете деца дечак* девојчиц* момченце момиченце момче непълнолет* djecak* djevojcic* djeca dijete devojcic* decak* maloljetn* maloletn* tinejdzer*
remaja balita bocah abg
anak sekolah|anak perempuan|anak laki laki|anak anak|siswi smp|siswi sma|siswa sd|siswi sd
tre em|be gai|be trai|hoc sinh|tre con|vi thanh nien|em be
kleinkind* saugling* schulmadchen schuljunge* schulkind* schulerin schulerinnen jugendliche jugendlicher jugendlichen minderjahrig*
kleines madchen|kleine madchen|kleinen madchen|junges madchen|junge madchen|kleiner junge|kleinen jungen|kleinen junge
ein kind|als kind|das kind|dem kind|eines kindes|kleines kind|kleinen kind|nacktes kind|kleine kinder|spielende kinder|mit kindern|zwei kinder|drei kinder|die kinder|kinder spielen|maedchen von|kindlich* korper
enfant enfants fillette* garconnet mineure mineures adolescente* adolescent* collegienne* lyceenne* ecoliere* ecolier* nourrisson* bebe bebes
une gamine|petite fille|petites filles|petit garcon|petits garcons
menor de edad|menores de edad
colegiala* chiquilla* chiquillo*
una nina|unas ninas|como nina|nina pequena|ninas pequenas|nina desnuda|nino pequeno|un nino|unos ninos|como un nino
bambina bambine bambino bambini ragazzina* ragazzino* ragazzini minorenn* neonato neonata scolaretta*
crianca criancas menina meninas menino meninos
menor de idade|menores de idade|garotinha* garotinho*
minderjarig* kleuter* peuter peuters tiener* schoolmeisje* schooljongen* kinderen
klein meisje|kleine meisjes|jong meisje|klein kind|als kind|een kind|kleine jongen
lapsi lapset lasta lapsena lapsia pikkutytto* pikkupoika* alaikai* teini teinit teinitytto* teinipoika* koulutytto* koulupoika* vauva vauvat vauvaa taapero* pikkulapsi
ребенок ребенка ребенку ребенком дети детей детьми девочк* мальчик* школьниц* школьник* подрост* несовершеннолетн* малыш* малютк* младен* дошкольн* первоклас* дитин* дівчинк* неповнолітн* тинейдж*
dziecko dziecka dzieckiem dzieci dziewczynk* chlopiec chlopca chlopczyk* nastolat* nieletni* maloletni* niemowl* uczennic* przedszkolak*
liten flicka|lilla flicka|lille pige|liten jente
mindrearig* minderarig* tonaring* tonarsflicka* tenaring* skolflicka* smabarn spadbarn
kucuk kiz|kucuk cocuk|kiz cocugu|cocuklar|cocuk|ergen
anak kecil|gadis kecil|anak di bawah umur
ditete dievcatko holcicka kislany kisfiu gyerek gyermek copil copii copila fetita
طفل طفلة طفله اطفال الاطفال قاصر قاصرة مراهقة مراهق
बच्ची बच्चा बच्चे नाबालिग किशोरी
ילדה ילד ילדים קטינה
"""

CHILD_ACCENTED = ("børn", "børnene", "børnenes", "dětí", "děti", "niña", "niñas", "niño", "niños", "dítě", "holčička")

CHILD_CJK = (
    "少女", "幼女", "女児", "男児", "児童", "兒童", "儿童", "子供", "子ども", "こども", "コドモ", "幼児", "幼兒", "幼儿", "小学生", "小學生", "中学生", "中學生", "高校生", "高中生", "初中生", "女子高生", "女子中学生", "男子高校生",
    "女学生制服", "ロリ", "ショタ", "未成年", "赤ちゃん", "赤ん坊", "幼い", "小さな女の子", "小さい女の子", "小さな男の子", "十代の", "10代の", "ティーン", "小女孩", "小男孩", "女童", "男童", "孩子", "孩童", "小孩", "萝莉", "蘿莉", "正太", "婴儿", "嬰兒", "青少年", "少年", "童颜巨乳",
    "미성년", "여중생", "여고생", "남고생", "초등학생", "중학생", "고등학생", "어린이", "어린소녀", "어린여자아이", "여자아이", "남자아이", "꼬마", "소녀", "로리", "쇼타", "아기", "유아", "아이",
)  # fmt: skip

THINGS = (
    "drawing|drawings|painting|paintings|artwork|artworks|art|crayon|crayons|book|books|storybook|literature|toy|toys|bike|bicycle|bicycles|scooter|room|bedroom|playroom|menu|hospital|ward|museum|library|"
    "section|clothing|store|shop|playground|furniture|chair|chairs|table|seat|stroller|pram|carriage|buggy|monitor|blanket|crib|cot|bottle|formula|food|powder|oil|wipes|"
    "doll|dolls|shoes|shoe|proof|safe|lock|games|party decorations|charity|charities|fund|rights|day|menu board|crossing sign|zoo|theatre|theater|programme|"
    "handprints|handwriting|swing|slide|sandbox|sandpit|sled|sleigh|helmet|desk|bookshelf|mural|puzzle|piano|choir recording|novel|novels|magazine|cartoon|cartoons|poster|spirit|vogue|wolf|titans|"
    "birthday cake|birthday card|birthday invitation|welfare|psychologist|psychology|psychiatrist|therapist|doctor office|dentist|care centre|care center|daycare sign|development book|education degree|labour law|mittens|kite|backpack|lunchbox|wagon|tricycle|"
    "hand knitted socks|socks on a line|laundry|quilt|mobile|gate|nursery|yoga mat|watercolour|watercolor|watercolours|sketch|sketches|scribbles|paper boat|snowman|sandcastle|lemonade stand|wellington boots|raincoat on a hook|railway|train set|rocking horse|bedtime story book|album|tricycles|letter to santa"
)

ANIMALS = (
    "foal|foals|kitten|kittens|puppy|puppies|calves|fawn|cub|cubs|elephant|elephants|goat|goats|lamb|lambs|duck|ducks|duckling|ducklings|chick|chicks|deer|fox|foxes|seal|seals|turtle|turtles|panda|pandas|penguin|penguins|bird|birds|owl|owls|owlet|koala|koalas|monkey|monkeys|"
    "tiger|tigers|lion|lions|bear|bears|rabbit|rabbits|bunny|bunnies|horse|horses|dragon|dragons|hedgehog|hedgehogs|sloth|sloths|pig|pigs|piglet|sheep|cow|cows|dolphin|dolphins|whale|whales|giraffe|giraffes|"
    "zebra|kangaroo|kangaroos|otter|otters|raccoon|raccoons|squirrel|squirrels|alpaca|alpacas|llama|donkey|donkeys|fish|shark|sharks|octopus|eagle|swan|swans|animals|animal|dinosaur|dinosaurs|calf|hippo|gorilla|leopard|cheetah|crocodile|camel|moose|reindeer|yak|kid goat|salmon"
)

CHILD_ALLOWED = """
tween frame*|shape tween|motion tween|orphan black|orphan works|kinder egg*|kinder surprise|kinder chocolate|sea urchin*|lassie dog|lassie come home|poika saunoo|baby of the family
baby faced|babyfaced|baby blue|baby pink|baby yellow|baby green|baby lilac|baby purple|baby lavender|baby mint|babys breath|baby breath|baby grand|baby bump|baby bangs|baby hair|baby hairs|baby tee|baby doll dress|baby fat|baby carrot|baby carrots|baby corn
baby spinach|baby kale|baby leaf|baby leaves|baby greens|baby potatoes|baby tomatoes|baby back ribs|baby steps|baby boomer|baby boomers|baby driver|baby yoda|baby groot|baby jesus|baby alpaca|baby teeth jar|baby cham|baby soft|baby photo|baby photos|baby pictures|baby picture|baby names
baby cactus|baby succulent*|baby plant|baby plants|baby tree|baby trees|baby artichokes|baby octopus|baby bok choy|baby powder|baby beet*|baby jogger|baby shower|las meninas|menina moca
kid gloves|kid glove|kid leather|kid suede|kid mohair|karate kid|billy the kid|kid goat|kid goats|kids at heart|kid at heart|new kids on the block|new kid on the block|kid friendly|kids menu|comeback kid|kid rock
childs play|childs pose|inner child|brain child|wild child|destinys child|love child|child proof|child free|child support paperwork|lee child|julia child|julia childs|child care centre|children of men|children of the corn|children crossing sign*|children crossing ahead|childrens ward|childrens books
children book|childrens book|childrens hospital|child psychologist|child development|child welfare|unicef children fund|save the children|kids drawing|kids drawings|no children sign
teen spirit|teen vogue|teen wolf|teen titans|teenage mutant ninja|teenage dream song|teenage fanclub|teenage engineering|teeny tiny|teeny weeny|teeny bit
juvenile court|juvenile judge|juvenile bird|juvenile seagull|juvenile gull|juvenile fish|juvenile eagle|juvenile law|juvenile salmon
girl scout cookies|girl scout cookie|boy scout knife|minors league|minor league|ursa minor|asia minor|canis minor|a minor chord|a minor key|a minor scale
oh boy|atta boy|cow boy|bad boy|bad boys|boys band|boy band|boy bands|boy george|game boy|old boy network|boys night|pretty boy|fan boy|beastie boys|beach boys|pet shop boys|backstreet boys|boys choir recording|lost boys poster|boys town|bell boy|stable boy|ball boy|pool boy|cabin boy|bus boy|boy scouts knife|boy meets world|good old boys|bois de boulogne
high school reunion|junior high reunion|high school gym teacher|school of fish|enfant terrible|enfants terribles|dessin d enfant|dessins d enfants|dessin denfant|dessins denfants|chambre denfant|chambre d enfant|livre pour enfants|jeu denfant|livres pour enfants|bleu bebe|azul bebe|rosa bebe|rose bebe
dibujo de un nino|dibujo de una nina|cuarto de ninos|disegno di un bambino|disegni di bambini|disegni dei bambini|libro per bambini|libri per bambini|libro de ninos|cameretta dei bambini|gesu bambino
livro para criancas|livros para criancas|desenho de crianca|desenhos de criancas|quarto de crianca|jogo de criancas|boek voor kinderen|boeken voor kinderen|tekening van een kind|zeichnung von einem kind|buch fur kinder|bucher fur kinder|das kind im manne|zeichnung der kinder|ein kinderspiel|tekeningen van kinderen
рисунок ребенка|рисунки детей|книга для детей|книги для детей|rysunek dziecka|rysunki dzieci|ksiazka dla dzieci|ksiazki dla dzieci|dzieci kwiaty|dziecko szczescia|plac zabaw dla dzieci|площадка для детей|dom dziecka
under age 40 award|under 18 prohibited sign|under 18 not admitted sign|younger self letter|letter to her younger self|letter to my younger self|minors prohibited sign|no minors sign|dite moi|dite lui|copil de trupa|menino jesus|capela do menino|loli pop|lolita bookshop novel|ecolier biscuit|petit ecolier
christ child|infant jesus|madonna and child|virgin and child|madonna with child|child of the sea|only child|middle child syndrome book|poster child|child prodigy biography|child seat|kid icarus|captain kidd|sundance kid
"""

CHILD_SENSITIVE = """
bikini* swimsuit* swimwear
swimming trunks
lingerie underwear panties bra bed bedroom bath bathtub bathing shower showering sauna sexy seductive sensual hot kiss* pose posing intimate cuddl* naked nude undress* towel
thong stockings erotic* spread
changing room|locker room
sleepover massage spank* tied leash barefoot lap crotch breasts cleavage wet
"""

CHILD_THINGS = "seat|proof|safe|safety|lock|psychologist|psychology|psychiatrist|therapist|welfare|care|development|labour|labor|rights|custody|support|benefit|gate"

OWNERS = "childs|childrens|children|kids|baby|babys|toddlers|infants|teens|teenagers|boys|girls"

CORE = (
    "naked|nude|nudes|nudity|topless|undress|undressed|porn|porno|pornographic|nudify|hentai|nsfw|lolita|preteen|underage|"
    "striptease|masturbate|masturbating|vagina|deepnude"
)
